#include "tenant.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "aliquot-tenant: a program that uses a GPU in a measured way.\n"
    "\n"
    "It launches kernels of a known GPU time and prints, once an interval, a line of JSON with the\n"
    "GPU time that its finished kernels are worth. Alone on a GPU it reaches about 1000 permille (what\n"
    "passes between two kernels is not counted); two unlimited ones side by side reach about 450 to 465\n"
    "each, the rest is lost to switching between them.\n"
    "\n"
    "usage: aliquot-tenant [options]\n"
    "\n"
    "What it runs\n"
    "  --kernel TIME       GPU time of one kernel (200us)\n"
    "  --depth N           launches in flight before it waits for the oldest (16)\n"
    "  --graph N           each launch is a CUDA graph of N kernels (off)\n"
    "  --gap TIME          time on the CPU after each launch (0); try --depth 1 --gap 300us\n"
    "  --burst N           latency mode: N kernels each period, then wait; reports percentiles\n"
    "  --period TIME       from one burst's start to the next one's (20ms)\n"
    "  --memory BYTES      GPU memory to allocate at the start, such as 1GiB (none)\n"
    "  --blocks N          blocks of a kernel (one for each multiprocessor, which fills the GPU)\n"
    "  --gpu N, --device N which GPU (0)\n"
    "  --gang              all visible GPUs in lockstep, as a collective job: one kernel on each, wait for all,\n"
    "                      again; --memory is of each\n"
    "\n"
    "How it reports\n"
    "  --name NAME         its name in the output (tenant-<pid>)\n"
    "  --interval TIME     between two lines (1s); 10ms works\n"
    "  --seconds S         stop after S seconds (at SIGINT or SIGTERM)\n"
    "  --iterations-per-ns X  skip the calibration at the start and use this figure, which an earlier\n"
    "                      run printed; needed when a busy neighbour would disturb the calibration\n"
    "\n"
    "A TIME is a number with ns, us, ms or s. A line has name, tMonoNs (CLOCK_MONOTONIC), state (busy or\n"
    "idle), kernels and gpuNs (both since the start), gpuPermille (of this interval), memoryUsed and\n"
    "memoryTotal (as the driver tells this process); in latency mode also p50Ms, p90Ms and p99Ms; of a gang,\n"
    "where they are sums over its GPUs, also steps and gpus, and of each its workNs (its gpuNs) and stepNs:\n"
    "the time from a step's beginning until it was done, summed; who is late in a gang has the largest.\n"
    "\n"
    "When standard input is a pipe it reads commands, one a line: pause, resume, quit. A pause takes\n"
    "effect when what is in flight is done; a line with \"state\":\"idle\" then says so.\n"
    "\n"
    "Exit codes: 0 done, 1 a CUDA error, 2 a wrong option, 3 out of GPU memory.\n"
    "\n"
    "Examples\n"
    "  aliquot-tenant --kernel 200us --seconds 5\n"
    "  aliquot-tenant --burst 20 --kernel 120us --period 20ms --name interactive\n"
    "  aliquot-tenant --gang --kernel 5ms\n"
    "  aliquot-tenant --graph 8 --kernel 110us --memory 1GiB --interval 100ms\n";

static _Noreturn void usage(const char *option, const char *value, const char *right)
{
    fprintf(stderr, "aliquot-tenant: %s %s: %s; see --help\n", option, value ? value : "", right);
    exit(EXIT_USAGE);
}

static int64_t parse_time(const char *option, const char *text)
{
    static const struct {
        const char *suffix;
        double ns;
    } unit[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    char *end;
    double n = strtod(text, &end);
    if (end != text && n == 0 && *end == 0)
        return 0;
    for (unsigned i = 0; i < sizeof unit / sizeof unit[0]; i++)
        if (end != text && n >= 0 && n * unit[i].ns < 1e15 && strcmp(end, unit[i].suffix) == 0)
            return (int64_t)(n * unit[i].ns + 0.5);
    usage(option, text, "give a time such as 200us, 20ms or 1s");
}

static uint64_t parse_bytes(const char *option, const char *text)
{
    static const struct {
        const char *suffix;
        double bytes;
    } unit[] = {{"", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}};
    char *end;
    double n = strtod(text, &end);
    for (unsigned i = 0; i < sizeof unit / sizeof unit[0]; i++)
        if (end != text && n >= 0 && n * unit[i].bytes < 0x1p50 && strcmp(end, unit[i].suffix) == 0)
            return (uint64_t)(n * unit[i].bytes);
    usage(option, text, "give bytes, or a number with KiB, MiB or GiB, such as 1GiB");
}

static unsigned parse_count(const char *option, const char *text, unsigned least, unsigned most)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno == 0 && end != text && *end == 0 && n >= (long)least && n <= (long)most)
        return (unsigned)n;
    char right[64];
    snprintf(right, sizeof right, "give a whole number from %u to %u", least, most);
    usage(option, text, right);
}

static double parse_positive(const char *option, const char *text)
{
    char *end;
    double x = strtod(text, &end);
    if (end != text && *end == 0 && x > 0 && x < 1e9)
        return x;
    usage(option, text, "give a number above 0");
}

static const char *parse_name(const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p < ' ' || *p == '"' || *p == '\\')
            usage("--name", text, "no quotes, backslashes or control characters");
    return text;
}

enum { NAME = 1, DEVICE, KERNEL, DEPTH, GAP, BURST, PERIOD, GRAPH, MEMORY, SECONDS, INTERVAL, ITERATIONS, BLOCKS, GANG, HELP };

static const struct option known[] = {
    {"name", required_argument, NULL, NAME},         {"device", required_argument, NULL, DEVICE},
    {"kernel", required_argument, NULL, KERNEL},     {"depth", required_argument, NULL, DEPTH},
    {"gap", required_argument, NULL, GAP},           {"burst", required_argument, NULL, BURST},
    {"period", required_argument, NULL, PERIOD},     {"graph", required_argument, NULL, GRAPH},
    {"memory", required_argument, NULL, MEMORY},     {"seconds", required_argument, NULL, SECONDS},
    {"interval", required_argument, NULL, INTERVAL}, {"iterations-per-ns", required_argument, NULL, ITERATIONS},
    {"blocks", required_argument, NULL, BLOCKS},     {"help", no_argument, NULL, HELP},
    {"gpu", required_argument, NULL, DEVICE},        {"gang", no_argument, NULL, GANG},
    {NULL, 0, NULL, 0}};

static void apply(struct options *o, int option, const char *value)
{
    switch (option) {
    case NAME:
        o->name = parse_name(value);
        break;
    case DEVICE:
        o->device = (int)parse_count("--gpu", value, 0, 1023);
        break;
    case KERNEL:
        o->kernel_ns = parse_time("--kernel", value);
        if (o->kernel_ns < 1000)
            usage("--kernel", value, "give at least 1us");
        break;
    case DEPTH:
        o->depth = parse_count("--depth", value, 1, 512);
        break;
    case GAP:
        o->gap_ns = parse_time("--gap", value);
        break;
    case BURST:
        o->burst = parse_count("--burst", value, 1, 100000);
        break;
    case PERIOD:
        o->period_ns = parse_time("--period", value);
        break;
    case GRAPH:
        o->graph = parse_count("--graph", value, 1, 10000);
        break;
    case MEMORY:
        o->memory_bytes = parse_bytes("--memory", value);
        break;
    case SECONDS:
        o->seconds = parse_positive("--seconds", value);
        break;
    case INTERVAL:
        o->interval_ns = parse_time("--interval", value);
        if (o->interval_ns < 1000000)
            usage("--interval", value, "give at least 1ms");
        break;
    case ITERATIONS:
        o->iterations_per_ns = parse_positive("--iterations-per-ns", value);
        break;
    case BLOCKS:
        o->blocks = parse_count("--blocks", value, 1, 1000000);
        break;
    case GANG:
        o->gang = true;
        break;
    case HELP:
        fputs(help, stdout);
        exit(0);
    default:
        fputs("aliquot-tenant: see --help\n", stderr); /* getopt has said what is wrong */
        exit(EXIT_USAGE);
    }
}

void options_parse(struct options *o, int argc, char **argv)
{
    static char name[32];
    snprintf(name, sizeof name, "tenant-%d", (int)getpid());
    *o = (struct options){
        .name = name, .device = -1, .kernel_ns = 200000, .period_ns = 20000000, .interval_ns = 1000000000};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        apply(o, option, optarg);
    if (optind < argc)
        usage(argv[optind], "", "no such argument");
    if (o->gang && (o->device >= 0 || o->depth || o->graph || o->gap_ns || o->burst))
        usage("--gang", "", "it goes without --gpu, --depth, --graph, --gap and --burst");
    o->device = o->device < 0 ? 0 : o->device;
    o->depth = o->depth ? o->depth : 16;
}
