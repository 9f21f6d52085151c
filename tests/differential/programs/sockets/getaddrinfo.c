/* SPDX-License-Identifier: Apache-2.0
 *
 * Numeric hosts and services, and what gai_strerror says.
 * needs: net
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "check.h"

int main(void) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *list = NULL;
    char text[64];
    I(getaddrinfo("127.0.0.1", "80", &hints, &list));
    for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)a->ai_addr;
        printf("%d %d %d %s %d\n", a->ai_family, a->ai_socktype, (int)a->ai_addrlen, inet_ntop(AF_INET, &in->sin_addr, text, sizeof text), ntohs(in->sin_port));
    }
    freeaddrinfo(list);
    hints.ai_family = AF_INET6;
    I(getaddrinfo("::1", "8080", &hints, &list));
    I(list->ai_family == AF_INET6);
    freeaddrinfo(list);
    I(getaddrinfo("not a number", "80", &hints, &list) == EAI_NONAME);
    I(getaddrinfo(NULL, NULL, &hints, &list) == EAI_NONAME);
    hints.ai_family = AF_INET;
    hints.ai_flags = AI_PASSIVE;
    I(getaddrinfo(NULL, "9", &hints, &list));
    I(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr);
    freeaddrinfo(list);
    for (int i = -11; i <= 0; i++) printf("%d %s\n", i, gai_strerror(i));
    return 0;
}
