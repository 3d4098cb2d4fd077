#include "rate.h"

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static double sum_at(struct rate_claim *claims, uint32_t count, double level)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        claims[i].rate = clamp(level * claims[i].weight, claims[i].floor, claims[i].ceiling);
        sum += claims[i].rate;
    }
    return sum;
}

void rate_divide(struct rate_claim *claims, uint32_t count)
{
    double floors = 0, weights = 0, lightest = 0;
    for (uint32_t i = 0; i < count; i++) {
        floors += claims[i].floor;
        weights += claims[i].weight;
        if (i == 0 || claims[i].weight < lightest)
            lightest = claims[i].weight;
    }
    if (count == 0)
        return;
    if (floors >= 1) { /* nothing to fill: every floor in proportion, a sliver for those with none */
        for (uint32_t i = 0; i < count; i++)
            claims[i].rate = claims[i].floor > 0 ? claims[i].floor / floors : 1e-3;
        return;
    }
    double low = 0, high = 1 / lightest; /* at `high` every claim is at 1 or its ceiling */
    if (sum_at(claims, count, 1 / weights) == 1)
        return; /* no floor and no ceiling binds */
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (sum_at(claims, count, middle) < 1)
            low = middle;
        else
            high = middle;
    }
    sum_at(claims, count, high);
}
