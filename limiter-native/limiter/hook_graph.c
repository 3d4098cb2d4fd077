/* Memory nodes of graphs: counted in full from instantiation on, and then what the driver keeps for graphs. */
#include <pthread.h>
#include <stdlib.h>

#include "driver.h"
#include "meter.h"
#include "pool.h"

/* Of an executable graph with memory nodes. */
struct promise {
    struct promise *next;
    CUgraphExec exec;
    struct pool *pool;
    uint64_t bytes;
};

static struct promise *promises;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t bytes_of_node(CUgraphNode node, CUdevice *device)
{
    CUgraphNodeType type;
    CUDA_MEM_ALLOC_NODE_PARAMS_v1 parameters;
    if (real()->cuGraphNodeGetType(node, &type) != CUDA_SUCCESS || type != CU_GRAPH_NODE_TYPE_MEM_ALLOC ||
        real()->cuGraphMemAllocNodeGetParams(node, &parameters) != CUDA_SUCCESS)
        return 0;
    *device = parameters.poolProps.location.id;
    return parameters.bytesize;
}

/* What a graph's memory nodes allocate. @param device out: where the last of them does */
static uint64_t bytes_of_graph(CUgraph graph, CUdevice *device)
{
    size_t count = 0;
    uint64_t sum = 0;
    if (real()->cuGraphGetNodes == NULL || real()->cuGraphNodeGetType == NULL ||
        real()->cuGraphMemAllocNodeGetParams == NULL || real()->cuGraphGetNodes(graph, NULL, &count) != CUDA_SUCCESS)
        return 0;
    CUgraphNode *nodes = calloc(count, sizeof *nodes);
    if (nodes != NULL && real()->cuGraphGetNodes(graph, nodes, &count) == CUDA_SUCCESS)
        for (size_t i = 0; i < count; i++)
            sum += bytes_of_node(nodes[i], device);
    free(nodes);
    return sum;
}

/* Before an instantiation. @return NULL: no memory nodes; then *refused says whether there are some and they don't fit */
static struct promise *make_promise(CUgraph graph, bool *refused)
{
    CUdevice device = 0;
    uint64_t bytes = link_mode() == LINK_OFF ? 0 : bytes_of_graph(graph, &device);
    struct seat *seat = bytes == 0 ? NULL : meter_device_seat(device);
    struct pool *pool = seat == NULL ? NULL : pool_of_graphs(device, seat);
    *refused = pool != NULL && !pool_promise(pool, bytes);
    if (pool == NULL || *refused)
        return NULL;
    struct promise *promise = malloc(sizeof *promise);
    if (promise == NULL)
        pool_withdraw(pool, bytes);
    else
        *promise = (struct promise){.pool = pool, .bytes = bytes};
    return promise;
}

static CUresult keep_promise(struct promise *promise, CUresult result, const CUgraphExec *exec)
{
    if (promise == NULL)
        return result;
    if (result != CUDA_SUCCESS) {
        pool_withdraw(promise->pool, promise->bytes);
        free(promise);
        return result;
    }
    promise->exec = *exec;
    pthread_mutex_lock(&lock);
    promise->next = promises;
    promises = promise;
    pthread_mutex_unlock(&lock);
    return result;
}

static CUresult instantiate_logged(__typeof__(&cuGraphInstantiate_v2) function, CUgraphExec *exec, CUgraph graph,
                                   CUgraphNode *error, char *log, size_t bytes)
{
    bool refused;
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct promise *promise = make_promise(graph, &refused);
    return refused ? CUDA_ERROR_OUT_OF_MEMORY : keep_promise(promise, function(exec, graph, error, log, bytes), exec);
}

CUresult cuGraphInstantiate(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer,
                            size_t bufferSize)
{
    return instantiate_logged(real()->cuGraphInstantiate, phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}

CUresult cuGraphInstantiate_v2(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer,
                               size_t bufferSize)
{
    return instantiate_logged(real()->cuGraphInstantiate_v2, phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *phGraphExec, CUgraph hGraph, unsigned long long flags)
{
    bool refused;
    if (real()->cuGraphInstantiateWithFlags == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct promise *promise = make_promise(hGraph, &refused);
    return refused ? CUDA_ERROR_OUT_OF_MEMORY
                   : keep_promise(promise, real()->cuGraphInstantiateWithFlags(phGraphExec, hGraph, flags), phGraphExec);
}

static CUresult instantiate_with_params(__typeof__(&cuGraphInstantiateWithParams) function, CUgraphExec *exec,
                                        CUgraph graph, CUDA_GRAPH_INSTANTIATE_PARAMS *parameters)
{
    bool refused;
    if (function == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct promise *promise = make_promise(graph, &refused);
    return refused ? CUDA_ERROR_OUT_OF_MEMORY : keep_promise(promise, function(exec, graph, parameters), exec);
}

CUresult cuGraphInstantiateWithParams(CUgraphExec *phGraphExec, CUgraph hGraph,
                                      CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams)
{
    return instantiate_with_params(real()->cuGraphInstantiateWithParams, phGraphExec, hGraph, instantiateParams);
}

CUresult cuGraphInstantiateWithParams_ptsz(CUgraphExec *phGraphExec, CUgraph hGraph,
                                           CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams)
{
    return instantiate_with_params(real()->cuGraphInstantiateWithParams_ptsz, phGraphExec, hGraph, instantiateParams);
}

static struct promise *take_promise(CUgraphExec exec)
{
    pthread_mutex_lock(&lock);
    struct promise **place = &promises;
    while (*place != NULL && (*place)->exec != exec)
        place = &(*place)->next;
    struct promise *promise = *place;
    if (promise != NULL)
        *place = promise->next;
    pthread_mutex_unlock(&lock);
    return promise;
}

CUresult cuGraphExecDestroy(CUgraphExec hGraphExec)
{
    if (real()->cuGraphExecDestroy == NULL)
        return CUDA_ERROR_NOT_FOUND;
    struct promise *promise = take_promise(hGraphExec); /* first: the driver may give the handle to another thread */
    CUresult result = real()->cuGraphExecDestroy(hGraphExec);
    if (result != CUDA_SUCCESS) {
        keep_promise(promise, CUDA_SUCCESS, &hGraphExec);
    } else if (promise != NULL) {
        pool_withdraw(promise->pool, promise->bytes);
        free(promise);
    }
    return result;
}

CUresult cuDeviceGraphMemTrim(CUdevice device)
{
    if (real()->cuDeviceGraphMemTrim == NULL)
        return CUDA_ERROR_NOT_FOUND;
    CUresult result = real()->cuDeviceGraphMemTrim(device);
    pool_settle();
    return result;
}
