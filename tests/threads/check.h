/* SPDX-License-Identifier: Apache-2.0
 *
 * For the programs of this folder, which are built for Linux and for the facade and print the same: a failed check names its line.
 */
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                  \
    do {                                                                  \
        if (!(condition)) {                                               \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
            fflush(stdout);                                               \
            _Exit(3);                                                     \
        }                                                                 \
    } while (0)
#define CHECK_IS(value, wanted)                                                                        \
    do {                                                                                               \
        long got_ = (long)(value), wanted_ = (long)(wanted);                                           \
        if (got_ != wanted_) {                                                                         \
            printf("%s:%d: %s is %ld, not %ld\n", __FILE__, __LINE__, #value, got_, wanted_);          \
            fflush(stdout);                                                                            \
            _Exit(3);                                                                                  \
        }                                                                                              \
    } while (0)
#endif
