/* SPDX-License-Identifier: Apache-2.0
 *
 * A negative status.
 */
#include "check.h"

int main(void) { exit(-1); }
