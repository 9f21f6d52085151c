/* SPDX-License-Identifier: Apache-2.0
 *
 * Of the status only eight bits are seen.
 */
#include "check.h"

int main(void) { exit(256 + 3); }
