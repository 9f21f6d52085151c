/* SPDX-License-Identifier: Apache-2.0
 *
 * strtok keeps its place and skips empty fields; the set may change between calls.
 */
#include "check.h"

int main(void) {
    char text[] = ",,a,b;;c,,d;";
    S(strtok(text, ","));
    S(strtok(NULL, ",;"));
    S(strtok(NULL, ";,"));
    S(strtok(NULL, ","));
    S(strtok(NULL, ",;"));
    S(strtok(NULL, ","));
    B(text, sizeof text);
    char only[] = ";;;";
    S(strtok(only, ";"));
    char whole[] = "whole";
    S(strtok(whole, ""));
    S(strtok(NULL, ""));
    return 0;
}
