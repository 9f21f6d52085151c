/* SPDX-License-Identifier: Apache-2.0
 *
 * <setjmp.h> for device code: there is none.
 */
#if defined(__CUDACC__) && !defined(__CUDACC_RTC__)
#include_next <setjmp.h>
#else
#error "setjmp and longjmp do not exist on a GPU: return an error code from the functions in between"
#endif
