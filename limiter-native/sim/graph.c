/* Graphs: lists of nodes in the order in which they were added. A launch of one is one piece of work. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

struct node {
    void *handle;
    CUgraphNodeType type;
    CUDA_KERNEL_NODE_PARAMS_v2 params; /* kernelParams points into the two fields below */
    void *pointer[16];
    unsigned char argument[16][64];
    struct kernel_work work;
    unsigned gpu; /* of an allocation */
    uint64_t bytes;
    CUdeviceptr address;
};

struct graph {
    void *handle;
    struct node **node;
    size_t count, room;
};

struct exec {
    void *handle;
    struct graph_body *body;
};

struct graph *graph_new(void)
{
    struct graph *g = calloc(1, sizeof *g);
    if (g)
        g->handle = handle_new(HANDLE_GRAPH, g);
    if (g && !g->handle) {
        free(g);
        g = NULL;
    }
    return g;
}

void graph_free(struct graph *g)
{
    for (size_t i = 0; i < g->count; i++) {
        handle_free(g->node[i]->handle);
        free(g->node[i]);
    }
    free(g->node);
    handle_free(g->handle);
    free(g);
}

void *graph_handle(const struct graph *g)
{
    return g->handle;
}

size_t graph_size(const struct graph *g)
{
    return g->count;
}

static struct node *add_node(struct graph *g, CUgraphNodeType type)
{
    if (g->count == g->room) {
        size_t room = g->room ? g->room * 2 : 16;
        struct node **bigger = realloc(g->node, room * sizeof *bigger);
        if (!bigger)
            return NULL;
        g->node = bigger;
        g->room = room;
    }
    struct node *n = calloc(1, sizeof *n);
    if (n)
        n->handle = handle_new(HANDLE_NODE, n);
    if (!n || !n->handle) {
        free(n);
        return NULL;
    }
    n->type = type;
    g->node[g->count++] = n;
    return n;
}

CUresult graph_add_kernel(struct graph *g, const CUDA_KERNEL_NODE_PARAMS_v2 *params, CUgraphNode *handle)
{
    const struct function *f = handle_get(HANDLE_FUNCTION, params->func ? (void *)params->func : (void *)params->kern);
    if (!f)
        return CUDA_ERROR_INVALID_HANDLE;
    struct kernel_work work;
    CUresult result = kernel_read(f, params->kernelParams, params->extra, &work);
    if (result)
        return result;
    struct node *n = add_node(g, CU_GRAPH_NODE_TYPE_KERNEL);
    if (!n)
        return CUDA_ERROR_OUT_OF_MEMORY;
    n->params = *params;
    n->work = work;
    if (params->kernelParams) { /* arguments are read now: the caller's may be gone at the launch */
        for (unsigned i = 0; i < f->params; i++) {
            unsigned bytes = f->param_bytes[i] < sizeof n->argument[i] ? f->param_bytes[i] : sizeof n->argument[i];
            memcpy(n->argument[i], params->kernelParams[i], bytes);
            n->pointer[i] = n->argument[i];
        }
        n->params.kernelParams = n->pointer;
        n->params.extra = NULL;
    }
    if (handle)
        *handle = n->handle;
    return CUDA_SUCCESS;
}

CUresult graph_add_other(struct graph *g, CUgraphNodeType type)
{
    return add_node(g, type) ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult graph_add_allocation(struct graph *g, struct context *ctx, unsigned gpu, size_t bytes, CUdeviceptr *dptr,
                              CUgraphNode *handle)
{
    CUresult result = range_new(RANGE_RESERVED, bytes, 0, ctx, gpu, dptr); /* addresses, and no memory yet */
    if (result)
        return result;
    struct node *n = add_node(g, CU_GRAPH_NODE_TYPE_MEM_ALLOC);
    if (!n)
        return CUDA_ERROR_OUT_OF_MEMORY;
    n->gpu = gpu;
    n->bytes = bytes;
    n->address = *dptr;
    if (handle)
        *handle = n->handle;
    return CUDA_SUCCESS;
}

CUresult cuGraphAddMemAllocNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                size_t numDependencies, CUDA_MEM_ALLOC_NODE_PARAMS_v1 *nodeParams)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct graph *g = handle_get(HANDLE_GRAPH, hGraph);
    if (!g || !phGraphNode || !nodeParams || (numDependencies && !dependencies) || nodeParams->bytesize == 0 ||
        !device_valid(nodeParams->poolProps.location.id))
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(graph_add_allocation(g, NULL, visible_gpu(nodeParams->poolProps.location.id), nodeParams->bytesize,
                                              &nodeParams->dptr, phGraphNode));
}

CUresult cuGraphMemAllocNodeGetParams(CUgraphNode hNode, CUDA_MEM_ALLOC_NODE_PARAMS_v1 *params_out)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct node *n = handle_get(HANDLE_NODE, hNode);
    if (!n || n->type != CU_GRAPH_NODE_TYPE_MEM_ALLOC || !params_out)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *params_out = (CUDA_MEM_ALLOC_NODE_PARAMS_v1){.bytesize = n->bytes, .dptr = n->address};
    params_out->poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
    params_out->poolProps.location = (CUmemLocation){CU_MEM_LOCATION_TYPE_DEVICE, visible_device(n->gpu)};
    return driver_return(CUDA_SUCCESS);
}

CUresult cuGraphAddMemFreeNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                               size_t numDependencies, CUdeviceptr dptr)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct graph *g = handle_get(HANDLE_GRAPH, hGraph);
    const struct range *r = range_find(dptr);
    if (!g || !phGraphNode || (numDependencies && !dependencies) || !r || r->base != dptr)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct node *n = add_node(g, CU_GRAPH_NODE_TYPE_MEM_FREE);
    if (n)
        *phGraphNode = n->handle;
    return driver_return(n ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY);
}

CUresult cuGraphCreate(CUgraph *phGraph, unsigned int flags)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    if (!phGraph || flags)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct graph *g = graph_new();
    if (!g)
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    *phGraph = g->handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuGraphDestroy(CUgraph hGraph)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct graph *g = handle_get(HANDLE_GRAPH, hGraph);
    if (!g)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    graph_free(g);
    return driver_return(CUDA_SUCCESS);
}

CUresult cuGraphAddKernelNode_v2(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                                 size_t numDependencies, const CUDA_KERNEL_NODE_PARAMS_v2 *nodeParams)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct graph *g = handle_get(HANDLE_GRAPH, hGraph);
    if (!g || !phGraphNode || !nodeParams || (numDependencies && !dependencies))
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    for (size_t i = 0; i < numDependencies; i++)
        if (!handle_get(HANDLE_NODE, dependencies[i]))
            return driver_return(CUDA_ERROR_INVALID_VALUE);
    return driver_return(graph_add_kernel(g, nodeParams, phGraphNode));
}

CUresult cuGraphAddKernelNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
                              size_t numDependencies, const CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams)
{
    if (!nodeParams)
        return CUDA_ERROR_INVALID_VALUE;
    CUDA_KERNEL_NODE_PARAMS_v2 p = {0};
    memcpy(&p, nodeParams, sizeof *nodeParams); /* v2 begins as v1 */
    return cuGraphAddKernelNode_v2(phGraphNode, hGraph, dependencies, numDependencies, &p);
}

CUresult cuGraphKernelNodeGetParams_v2(CUgraphNode hNode, CUDA_KERNEL_NODE_PARAMS_v2 *nodeParams)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct node *n = handle_get(HANDLE_NODE, hNode);
    if (!n || n->type != CU_GRAPH_NODE_TYPE_KERNEL || !nodeParams)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *nodeParams = n->params;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuGraphKernelNodeGetParams(CUgraphNode hNode, CUDA_KERNEL_NODE_PARAMS_v1 *nodeParams)
{
    CUDA_KERNEL_NODE_PARAMS_v2 p;
    CUresult result = nodeParams ? cuGraphKernelNodeGetParams_v2(hNode, &p) : CUDA_ERROR_INVALID_VALUE;
    if (!result)
        memcpy(nodeParams, &p, sizeof *nodeParams);
    return result;
}

CUresult cuGraphGetNodes(CUgraph hGraph, CUgraphNode *nodes, size_t *numNodes)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct graph *g = handle_get(HANDLE_GRAPH, hGraph);
    if (!g || !numNodes)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    for (size_t i = 0; nodes && i < *numNodes; i++)
        nodes[i] = i < g->count ? g->node[i]->handle : NULL;
    if (!nodes || *numNodes > g->count)
        *numNodes = g->count;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuGraphNodeGetType(CUgraphNode hNode, CUgraphNodeType *type)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    const struct node *n = handle_get(HANDLE_NODE, hNode);
    if (!n || !type)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    *type = n->type;
    return driver_return(CUDA_SUCCESS);
}

/* ---- executable graphs ---- */

static struct graph_body *make_body(const struct graph *g)
{
    struct graph_body *b = malloc(sizeof *b + g->count * sizeof b->kernel[0]);
    if (!b)
        return NULL;
    *b = (struct graph_body){.references = 1};
    for (size_t i = 0; i < g->count; i++) {
        b->gpu = g->node[i]->bytes ? g->node[i]->gpu : b->gpu;
        b->bytes += g->node[i]->bytes;
        if (g->node[i]->type != CU_GRAPH_NODE_TYPE_KERNEL)
            continue;
        b->kernel[b->count++] = g->node[i]->work;
        b->total_ns += g->node[i]->work.ns;
    }
    return b;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *phGraphExec, CUgraph hGraph, unsigned long long flags)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct graph *g = handle_get(HANDLE_GRAPH, hGraph);
    if (!g || !phGraphExec || flags > 15)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    struct exec *x = calloc(1, sizeof *x);
    if (x)
        x->body = make_body(g);
    if (x && x->body)
        x->handle = handle_new(HANDLE_EXEC, x);
    if (!x || !x->handle) {
        free(x ? x->body : NULL);
        free(x);
        return driver_return(CUDA_ERROR_OUT_OF_MEMORY);
    }
    *phGraphExec = x->handle;
    return driver_return(CUDA_SUCCESS);
}

CUresult cuGraphInstantiate_v2(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer,
                               size_t bufferSize)
{
    if (phErrorNode)
        *phErrorNode = NULL;
    if (logBuffer && bufferSize)
        logBuffer[0] = 0;
    return cuGraphInstantiateWithFlags(phGraphExec, hGraph, 0);
}

CUresult cuGraphInstantiate(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode, char *logBuffer,
                            size_t bufferSize)
{
    return cuGraphInstantiate_v2(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}

CUresult cuGraphInstantiateWithParams(CUgraphExec *phGraphExec, CUgraph hGraph,
                                      CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams)
{
    if (!instantiateParams)
        return CUDA_ERROR_INVALID_VALUE;
    CUresult result = cuGraphInstantiateWithFlags(phGraphExec, hGraph, instantiateParams->flags);
    instantiateParams->hErrNode_out = NULL;
    instantiateParams->result_out = result ? CUDA_GRAPH_INSTANTIATE_ERROR : CUDA_GRAPH_INSTANTIATE_SUCCESS;
    return result;
}

CUresult cuGraphInstantiateWithParams_ptsz(CUgraphExec *phGraphExec, CUgraph hGraph,
                                           CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams)
{
    return cuGraphInstantiateWithParams(phGraphExec, hGraph, instantiateParams);
}

CUresult cuGraphExecDestroy(CUgraphExec hGraphExec)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct exec *x = handle_get(HANDLE_EXEC, hGraphExec);
    if (!x)
        return driver_return(CUDA_ERROR_INVALID_VALUE);
    handle_free(hGraphExec);
    graph_body_release(x->body); /* launches in flight hold it too */
    free(x);
    return driver_return(CUDA_SUCCESS);
}

static CUresult launch(CUgraphExec handle, CUstream stream, bool per_thread, bool upload_only)
{
    CUresult result = driver_enter();
    if (result)
        return result;
    struct exec *x = handle_get(HANDLE_EXEC, handle);
    struct stream *s;
    result = x ? stream_find_for_work(stream, per_thread, &s) : CUDA_ERROR_INVALID_VALUE;
    if (result || upload_only)
        return driver_return(result);
    if (capture_active(s, &result))
        return driver_return(result ? result : CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED); /* child graphs are not simulated */
    struct graph_body *body = x->body;
    result = pool_take_for_graph(body->gpu, body->bytes);
    if (result)
        return driver_return(result);
    body->references++;
    result = work_push_stream(s, body->total_ns, WORK_GRAPH, (uint64_t)(uintptr_t)body);
    if (result)
        graph_body_release(body);
    return driver_return(result);
}

CUresult cuGraphUpload(CUgraphExec hGraphExec, CUstream hStream)
{
    return launch(hGraphExec, hStream, false, true);
}

CUresult cuGraphUpload_ptsz(CUgraphExec hGraphExec, CUstream hStream)
{
    return launch(hGraphExec, hStream, true, true);
}

CUresult cuGraphLaunch(CUgraphExec hGraphExec, CUstream hStream)
{
    return launch(hGraphExec, hStream, false, false);
}

CUresult cuGraphLaunch_ptsz(CUgraphExec hGraphExec, CUstream hStream)
{
    return launch(hGraphExec, hStream, true, false);
}
