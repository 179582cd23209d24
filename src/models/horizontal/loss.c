/* Losses in double precision, from margins in single. */
#include "src/models/horizontal/loss.h"

#include <math.h>

#include "lib/mathematics.h"

/* Means above exp(80) leave the range of floats soon. */
static const double POISSON_MOST = 80.0;

static double poisson_mean(double margin)
{
    return mathematics_exp(margin < POISSON_MOST ? margin : POISSON_MOST);
}

void loss_scores(const struct network *network, const float *margins, double *scores)
{
    if (network->loss == NETWORK_SOFTMAX) {
        double greatest = margins[0], sum = 0;
        for (uint32_t i = 1; i < network->outputs; i++) greatest = (double)margins[i] > greatest ? (double)margins[i] : greatest;
        for (uint32_t i = 0; i < network->outputs; i++) sum += scores[i] = mathematics_exp((double)margins[i] - greatest);
        for (uint32_t i = 0; i < network->outputs; i++) scores[i] /= sum;
    } else {
        scores[0] = network->loss == NETWORK_LOGISTIC  ? mathematics_sigmoid((double)margins[0])
                    : network->loss == NETWORK_POISSON ? poisson_mean((double)margins[0])
                                                       : (double)margins[0];
    }
}

/* -log of the label's probability; delta: slopes times factor. Two passes over exp, no memory. */
static double softmax(const struct network *network, const float *margins, double label, double factor, float *delta)
{
    uint32_t right = (uint32_t)label;
    double greatest = margins[0], sum = 0;
    for (uint32_t i = 1; i < network->outputs; i++) greatest = (double)margins[i] > greatest ? (double)margins[i] : greatest;
    for (uint32_t i = 0; i < network->outputs; i++) {
        double e = mathematics_exp((double)margins[i] - greatest);
        sum += e;
        if (delta != NULL) delta[i] = (float)e;
    }
    for (uint32_t i = 0; i < network->outputs && delta != NULL; i++)
        delta[i] = (float)(((double)delta[i] / sum - (i == right ? 1.0 : 0.0)) * factor);
    return mathematics_log(sum) + greatest - (double)margins[right];
}

/* The losses with one margin. */
static double single(const struct network *network, double margin, double label, double *slope)
{
    double error = margin - label, delta = network->huber_delta, mean;
    switch (network->loss) {
    case NETWORK_LOGISTIC:
        *slope = mathematics_sigmoid(margin) - label;
        return mathematics_log(1.0 + mathematics_exp(-fabs(margin))) + (margin > 0 ? margin : 0.0) - margin * label;
    case NETWORK_SQUARED: *slope = error; return 0.5 * error * error;
    case NETWORK_HUBER:
        *slope = error > delta ? delta : error < -delta ? -delta : error;
        return fabs(error) > delta ? delta * (fabs(error) - 0.5 * delta) : 0.5 * error * error;
    default:
        mean = poisson_mean(margin);
        *slope = mean - label;
        return mean - label * margin;
    }
}

double loss_sum(const struct network *network, const float *margins, const float *labels, const float *weights, uint32_t rows, float *delta,
                double *weight)
{
    double sum = 0, total = 0;
    for (uint32_t row = 0; row < rows; row++) total += weights == NULL ? 1.0 : (double)weights[row];
    for (uint32_t row = 0; row < rows; row++) {
        const float *margin = margins + (uint64_t)row * network->outputs;
        float *out = delta == NULL ? NULL : delta + (uint64_t)row * network->outputs;
        double own = weights == NULL ? 1.0 : (double)weights[row], factor = total > 0 ? own / total : 0.0, slope = 0;
        if (network->loss == NETWORK_SOFTMAX) {
            sum += own * softmax(network, margin, (double)labels[row], factor, out);
        } else {
            sum += own * single(network, (double)margin[0], (double)labels[row], &slope);
            if (out != NULL) out[0] = (float)(slope * factor);
        }
    }
    *weight = total;
    return sum;
}

bool loss_accepts(const struct network *network, double label)
{
    switch (network->loss) {
    case NETWORK_LOGISTIC: return label == 0 || label == 1;
    case NETWORK_SOFTMAX: return label >= 0 && label < (double)network->outputs && label == (double)(uint32_t)label;
    case NETWORK_POISSON: return label >= 0 && label <= 1e9;
    default: return fabs(label) <= 1e18;
    }
}
