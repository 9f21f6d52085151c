/* SPDX-License-Identifier: Apache-2.0
 *
 * What nanosleep and clock_nanosleep refuse, and sleeps of nothing.
 */
#include <time.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    struct timespec bad = {0, 1000000000}, negative = {-1, 0}, none = {0, 0}, past = {1, 0};
    X(nanosleep(&bad, NULL));
    X(nanosleep(&negative, NULL));
    X(nanosleep(&none, NULL));
    I(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL));
    I(clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL));
    I(usleep(1));
    I(sleep(0));
    return 0;
}
