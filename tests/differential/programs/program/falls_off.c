/* SPDX-License-Identifier: Apache-2.0
 *
 * Falling off main's end is status 0.
 */
#include "check.h"

int main(void) { puts("no return"); }
