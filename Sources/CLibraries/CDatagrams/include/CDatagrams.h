#pragma once
#include <stdint.h>

/* So many datagrams at most are sent by one system call. */
enum { VS_DATAGRAMS_MAXIMUM = 64 };

/* Sends `count` datagrams to one address without waiting (sendmmsg(2)): they lie one behind the other in `bytes`, their
   sizes in `sizes`. Returns how many of the first ones the kernel took, or a negative errno when it refused the first. */
int vs_datagrams_send(
    int socket, const uint8_t *bytes, const uint32_t *sizes, uint32_t count, const void *address,
    uint32_t address_size);
