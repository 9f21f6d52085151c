/* SPDX-License-Identifier: Apache-2.0
 *
 * inet_pton and inet_ntop of good and bad texts.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "check.h"

int main(void) {
    static const char *const four[] = {"127.0.0.1", "255.255.255.255", "0.0.0.0", "1.2.3", "256.1.1.1", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "", "a.b.c.d"};
    static const char *const six[] = {"::", "::1", "1::", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3", "1::2::3", "12345::", ":1", "2001:DB8::a:0:0:1",
                                      "1:0:0:2:0:0:0:3", "::1.2.3.4", "1:2:3:4:5:6:7::", "0:0:0:0:0:0:0:0:1"};
    char text[64];
    for (int i = 0; i < 10; i++) {
        struct in_addr a;
        int r = inet_pton(AF_INET, four[i], &a);
        printf("%s: %d %s\n", four[i], r, r == 1 ? inet_ntop(AF_INET, &a, text, sizeof text) : "-");
    }
    for (int i = 0; i < 15; i++) {
        struct in6_addr a;
        int r = inet_pton(AF_INET6, six[i], &a);
        printf("%s: %d %s\n", six[i], r, r == 1 ? inet_ntop(AF_INET6, &a, text, sizeof text) : "-");
    }
    struct in_addr a = {htonl(0x7f000001)};
    P(inet_ntop(AF_INET, &a, text, 5));
    P(inet_ntop(99, &a, text, 64));
    I(inet_pton(99, "1.2.3.4", &a));
    I(htons(0x1234));
    I(htonl(0x12345678));
    I(ntohs(htons(77)));
    I(inet_addr("10.0.0.1") == htonl(0x0a000001));
    I(inet_aton("10.1", &a));
    return 0;
}
