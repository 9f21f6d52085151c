/* SPDX-License-Identifier: Apache-2.0
 *
 * State that all lanes of a program share: variables in device memory, and short locks around them. OpenCL C has no such variables, so
 * what stands on this header does not exist there.
 */
#ifndef HC_STATE_H
#define HC_STATE_H
#include "errno.h"

#if defined(HC_OPENCL)
#error "hostcall: hc/state.h needs program-scope variables, which OpenCL C does not have everywhere"
#endif
#if defined(HC_CUDA)
#define HC_STATE static __device__ __attribute__((unused))
#else
#define HC_STATE static __attribute__((unused))
#endif
#define HC_ADDRESS(variable) ((hc_u64)(size_t)&(variable))

/* Statements that one lane at a time runs. They end within the loop that waits for the lock, so that lanes of a warp that wait never hold
 * up the one that has it; they call nobody, wait for nothing, and leave by their end only. */
#define HC_LOCKED(lock, ...)                                                                                                              \
    do {                                                                                                                                  \
        hc_u32 hc_round = 0;                                                                                                              \
        int hc_passed = 0;                                                                                                                \
        HC_ROLLED while (!hc_passed) {                                                                                                    \
            if (hc_dev_cas32(HC_ADDRESS(lock), 0, 1) == 0) {                                                                              \
                hc_fence_dev();                                                                                                           \
                __VA_ARGS__;                                                                                                              \
                hc_fence_dev();                                                                                                           \
                hc_dev_store32(HC_ADDRESS(lock), 0);                                                                                      \
                hc_passed = 1;                                                                                                            \
            } else {                                                                                                                      \
                hc_relax(hc_round++);                                                                                                     \
            }                                                                                                                             \
        }                                                                                                                                 \
    } while (0)

#endif
