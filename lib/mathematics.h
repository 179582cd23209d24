/* exp and log that give the same bits on every machine: only +, -, *, / and exact scaling, built without contraction. */
#ifndef LIB_MATHEMATICS_H
#define LIB_MATHEMATICS_H

double mathematics_exp(double x); /* within 1 unit in the last place; 0, infinity, NaN as usual */
double mathematics_log(double x);
double mathematics_sigmoid(double x); /* 1/(1+exp(-x)), without overflow */

#endif
