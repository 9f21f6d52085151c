/* SPDX-License-Identifier: Apache-2.0
 *
 * <alloca.h>: from the lane's stack.
 */
#ifndef _ALLOCA_H
#define _ALLOCA_H

#include <bits/size.h>

#define alloca(size) __builtin_alloca(size)

#endif
