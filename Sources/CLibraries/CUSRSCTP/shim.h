#ifndef VS_CUSRSCTP_SHIM_H
#define VS_CUSRSCTP_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <usrsctp.h>

// What the importer drops or blurs: a variadic function pointer, enumerators that are also macros, casts.

static const int vs_usrsctp_msg_eor = MSG_EOR;
static const int vs_usrsctp_msg_notification = MSG_NOTIFICATION;
static const int vs_usrsctp_sock_stream = SOCK_STREAM;
static const int vs_usrsctp_shut_wr = SHUT_WR;

typedef int (*vs_usrsctp_output)(void *address, void *bytes, size_t length, uint8_t tos, uint8_t df);

static inline void vs_usrsctp_start(vs_usrsctp_output output) {
    usrsctp_init_nothreads(0, output, NULL);
}

static inline int vs_usrsctp_bind(struct socket *socket, struct sockaddr_conn address) {
    return usrsctp_bind(socket, (struct sockaddr *)&address, sizeof(address));
}

static inline int vs_usrsctp_connect(struct socket *socket, struct sockaddr_conn address) {
    return usrsctp_connect(socket, (struct sockaddr *)&address, sizeof(address));
}

#endif
