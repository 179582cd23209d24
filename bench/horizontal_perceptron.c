/* A perceptron's epoch by the library beside one written out for its one shape: the same BLAS calls, and plain loops for all else. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "bench/horizontal.h"
#include "src/models/horizontal/matrix.h"
#include "src/models/horizontal/training.h"

enum { RUNS = 7, LAYERS = 3, TORCH_TURNS = 3, TORCH_RUNS = 5, TORCH_MISSING = 3 };

struct shape {
    const char *name;
    uint32_t rows, batch, sizes[LAYERS + 1];
};

static const struct shape shapes[] = {{"digits, 64-128-64-10, minibatch 32", 4096, 32, {64, 128, 64, 10}},
                                      {"784-256-256-10, minibatch 64", 4096, 64, {784, 256, 256, 10}},
                                      {"784-512-512-10, minibatch 128", 2048, 128, {784, 512, 512, 10}}};

/* The plain loop's memory: weights and biases of each layer, what went in, what came out, slopes. */
struct plain {
    const struct shape *shape;
    float *weights[LAYERS], *biases[LAYERS], *slopes[LAYERS], *bias_slopes[LAYERS], *out[LAYERS], *delta[LAYERS], *inputs;
    int *labels;
    bool products_alone;
};

static void plain_make(struct plain *plain, const struct shape *shape)
{
    *plain = (struct plain){.shape = shape, .inputs = bench_memory((uint64_t)shape->batch * shape->sizes[0], sizeof(float))};
    plain->labels = bench_memory(shape->batch, sizeof(int));
    for (int i = 0; i < LAYERS; i++) {
        uint64_t in = shape->sizes[i], out = shape->sizes[i + 1];
        plain->weights[i] = bench_memory(in * out, sizeof(float));
        plain->slopes[i] = bench_memory(in * out, sizeof(float));
        plain->biases[i] = bench_memory(out, sizeof(float));
        plain->bias_slopes[i] = bench_memory(out, sizeof(float));
        plain->out[i] = bench_memory(shape->batch * out, sizeof(float));
        plain->delta[i] = bench_memory(shape->batch * out, sizeof(float));
        for (uint64_t j = 0; j < in * out; j++) plain->weights[i][j] = (float)((double)(j * 7919 % 1000) / 10000 - 0.05);
    }
}

static void plain_free(struct plain *plain)
{
    for (int i = 0; i < LAYERS; i++) {
        free(plain->weights[i]);
        free(plain->slopes[i]);
        free(plain->biases[i]);
        free(plain->bias_slopes[i]);
        free(plain->out[i]);
        free(plain->delta[i]);
    }
    free(plain->inputs);
    free(plain->labels);
}

static void plain_forward(struct plain *plain, uint32_t rows)
{
    const float *in = plain->inputs;
    for (int i = 0; i < LAYERS; i++) {
        uint32_t width = plain->shape->sizes[i + 1];
        matrix_product(plain->out[i], in, plain->weights[i], rows, width, plain->shape->sizes[i], false);
        for (uint32_t r = 0; r < rows && !plain->products_alone; r++)
            for (uint32_t j = 0; j < width; j++) {
                float value = plain->out[i][r * width + j] + plain->biases[i][j];
                plain->out[i][r * width + j] = i < LAYERS - 1 && value < 0 ? 0 : value;
            }
        in = plain->out[i];
    }
}

static void plain_loss(struct plain *plain, uint32_t rows)
{
    uint32_t width = plain->shape->sizes[LAYERS];
    for (uint32_t r = 0; r < rows; r++) {
        float *margins = plain->out[LAYERS - 1] + r * width, *delta = plain->delta[LAYERS - 1] + r * width, sum = 0, greatest = margins[0];
        for (uint32_t j = 0; j < width; j++) greatest = margins[j] > greatest ? margins[j] : greatest;
        for (uint32_t j = 0; j < width; j++) sum += delta[j] = expf(margins[j] - greatest);
        for (uint32_t j = 0; j < width; j++) delta[j] = (delta[j] / sum - ((int)j == plain->labels[r] ? 1.0f : 0.0f)) / (float)rows;
    }
}

static void plain_backward(struct plain *plain, uint32_t rows)
{
    for (int i = LAYERS - 1; i >= 0; i--) {
        uint32_t width = plain->shape->sizes[i + 1], before = plain->shape->sizes[i];
        const float *in = i > 0 ? plain->out[i - 1] : plain->inputs;
        matrix_product_left(plain->slopes[i], in, plain->delta[i], before, width, rows, false);
        if (!plain->products_alone) {
            memset(plain->bias_slopes[i], 0, width * sizeof(float));
            for (uint32_t r = 0; r < rows; r++)
                for (uint32_t j = 0; j < width; j++) plain->bias_slopes[i][j] += plain->delta[i][r * width + j];
        }
        if (i == 0) break;
        matrix_product_right(plain->delta[i - 1], plain->delta[i], plain->weights[i], rows, before, width, false);
        for (uint32_t j = 0; j < rows * before && !plain->products_alone; j++)
            if (!(in[j] > 0)) plain->delta[i - 1][j] = 0;
    }
}

static void plain_epoch(struct plain *plain, const struct examples *examples)
{
    uint32_t columns = examples->columns;
    for (uint64_t begin = 0; begin < examples->rows; begin += plain->shape->batch) {
        uint32_t rows = (uint32_t)(examples->rows - begin < plain->shape->batch ? examples->rows - begin : plain->shape->batch);
        if (!plain->products_alone) {
            memcpy(plain->inputs, examples->inputs + begin * columns, (size_t)rows * columns * sizeof(float));
            for (uint32_t r = 0; r < rows; r++) plain->labels[r] = (int)examples->labels[begin + r];
        }
        plain_forward(plain, rows);
        if (!plain->products_alone) plain_loss(plain, rows);
        plain_backward(plain, rows);
        for (int i = 0; i < LAYERS && !plain->products_alone; i++) {
            uint32_t count = plain->shape->sizes[i] * plain->shape->sizes[i + 1];
            for (uint32_t j = 0; j < count; j++) plain->weights[i][j] -= 0.01f * plain->slopes[i][j];
            for (uint32_t j = 0; j < plain->shape->sizes[i + 1]; j++) plain->biases[i][j] -= 0.01f * plain->bias_slopes[i][j];
        }
    }
}

static void library_epoch(fate_context *context, const struct network *network, const struct training_options *options,
                          const struct examples *examples, const float *weights)
{
    static const uint8_t key[32];
    struct training *training = NULL;
    bench_stop_if(training_new(context, &training, network, options, examples, 0.01, weights, NULL, NULL, key) != FATE_OK, "training_new");
    while (training_step(training)) continue;
    training_free(training);
}

static void make_examples(struct examples *examples, const struct shape *shape)
{
    *examples = (struct examples){.rows = shape->rows, .columns = shape->sizes[0]};
    examples->inputs = bench_memory((uint64_t)shape->rows * shape->sizes[0], sizeof(float));
    examples->labels = bench_memory(shape->rows, sizeof(float));
    for (uint64_t i = 0; i < (uint64_t)shape->rows * shape->sizes[0]; i++) examples->inputs[i] = (float)(i * 2654435761u % 1000) / 500 - 1;
    for (uint32_t i = 0; i < shape->rows; i++) examples->labels[i] = (float)(i * 7 % 10);
}

static void report(const struct shape *shape, double (*times)[RUNS])
{
    static const char *const names[] = {"epoch, SGD", "epoch, Adam", "plain loop over the same BLAS calls", "these BLAS calls alone"};
    double ratio[3][RUNS];
    char name[200];
    for (int run = 0; run < RUNS; run++) {
        ratio[0][run] = times[0][run] / times[2][run];
        ratio[1][run] = times[1][run] / times[2][run];
        ratio[2][run] = times[0][run] / times[3][run];
    }
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s: %s", shape->name, names[i]);
        bench_row(name, 1e3 * bench_median(times[i], RUNS), "ms");
    }
    snprintf(name, sizeof name, "%s: epoch / plain loop (bar: 1.3)", shape->name);
    bench_row(name, bench_median(ratio[0], RUNS), "times");
    snprintf(name, sizeof name, "%s: epoch with Adam / plain loop with SGD", shape->name);
    bench_row(name, bench_median(ratio[1], RUNS), "times");
    snprintf(name, sizeof name, "%s: epoch / BLAS calls alone", shape->name);
    bench_row(name, bench_median(ratio[2], RUNS), "times");
}

/* Seconds of an epoch of PyTorch on one thread; negative: it could not be measured, and why is printed. */
static double torch_epoch(const struct shape *shape)
{
    char command[200];
    double times[TORCH_RUNS];
    uint32_t count = 0;
    snprintf(command, sizeof command, "python3 bench/horizontal_torch.py %d %u %u %u %u %u %u", TORCH_RUNS, shape->rows, shape->batch,
             shape->sizes[0], shape->sizes[1], shape->sizes[2], shape->sizes[3]);
    FILE *python = popen(command, "r");
    bench_stop_if(python == NULL, "no process can be started");
    while (count < TORCH_RUNS && fscanf(python, "%lf", &times[count]) == 1) count++;
    int status = pclose(python), code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (count == TORCH_RUNS && code == 0) return bench_median(times, TORCH_RUNS);
    printf("%s: not compared with PyTorch: ", shape->name);
    if (code == TORCH_MISSING)
        printf("python3 has no module torch\n");
    else if (code == 127)
        printf("there is no python3\n");
    else
        printf("bench/horizontal_torch.py failed (exit code %d)\n", code);
    return -1;
}

/* PyTorch's epochs and the library's own in turn, so that both meet the same machine. */
static void report_torch(fate_context *context, const struct shape *shape, const struct network *network,
                         const struct training_options *options, const struct examples *examples, const float *weights)
{
    char name[200];
    double theirs[TORCH_TURNS], ratios[TORCH_TURNS], own[TORCH_RUNS];
    for (int turn = 0; turn < TORCH_TURNS; turn++) {
        theirs[turn] = torch_epoch(shape);
        if (theirs[turn] < 0) return;
        for (int run = -1; run < TORCH_RUNS; run++) {
            double began = bench_now();
            library_epoch(context, network, options, examples, weights);
            if (run >= 0) own[run] = bench_now() - began;
        }
        ratios[turn] = bench_median(own, TORCH_RUNS) / theirs[turn];
    }
    snprintf(name, sizeof name, "%s: epoch of PyTorch, SGD", shape->name);
    bench_row(name, 1e3 * bench_median(theirs, TORCH_TURNS), "ms");
    snprintf(name, sizeof name, "%s: epoch / epoch of PyTorch", shape->name);
    bench_row(name, bench_median(ratios, TORCH_TURNS), "times");
}

static void bench_shape(fate_context *context, const struct shape *shape)
{
    struct network network = {.inputs = shape->sizes[0], .outputs = shape->sizes[LAYERS], .hidden_count = 2, .loss = NETWORK_SOFTMAX};
    struct training_options sgd = {.optimiser = {.kind = OPTIMISER_SGD}, .batch = shape->batch, .epochs = 1}, adam = sgd;
    struct examples examples;
    struct plain plain;
    double times[4][RUNS];
    static const uint8_t key[32] = {1};
    adam.optimiser = (struct optimiser_options){.kind = OPTIMISER_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    network.activation = NETWORK_RELU;
    network.hidden[0] = shape->sizes[1];
    network.hidden[1] = shape->sizes[2];
    float *weights = bench_memory(network_parameters(&network), sizeof(float));
    network_initialise(&network, weights, key);
    make_examples(&examples, shape);
    plain_make(&plain, shape);
    for (int run = -1; run < RUNS; run++) {
        double at[5];
        at[0] = bench_now();
        library_epoch(context, &network, &sgd, &examples, weights);
        at[1] = bench_now();
        library_epoch(context, &network, &adam, &examples, weights);
        at[2] = bench_now();
        plain.products_alone = false;
        plain_epoch(&plain, &examples);
        at[3] = bench_now();
        plain.products_alone = true;
        plain_epoch(&plain, &examples);
        at[4] = bench_now();
        for (int i = 0; i < 4 && run >= 0; i++) times[i][run] = at[i + 1] - at[i];
    }
    report(shape, times);
    report_torch(context, shape, &network, &sgd, &examples, weights);
    plain_free(&plain);
    free(examples.inputs);
    free(examples.labels);
    free(weights);
}

void bench_perceptron(void)
{
    fate_context *context = NULL;
    bench_stop_if(fate_context_new(&context, NULL) != FATE_OK, "no context");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) bench_shape(context, &shapes[i]);
    fate_context_free(context);
}
