#define _GNU_SOURCE
#include "CDatagrams.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int vs_datagrams_send(
    int socket, const uint8_t *bytes, const uint32_t *sizes, uint32_t count, const void *address,
    uint32_t address_size) {
    struct mmsghdr messages[VS_DATAGRAMS_MAXIMUM];
    struct iovec places[VS_DATAGRAMS_MAXIMUM];
    if (count > VS_DATAGRAMS_MAXIMUM) count = VS_DATAGRAMS_MAXIMUM;
    memset(messages, 0, sizeof messages[0] * count);
    for (uint32_t index = 0; index < count; index++) {
        places[index] = (struct iovec){.iov_base = (void *)bytes, .iov_len = sizes[index]};
        messages[index].msg_hdr.msg_name = (void *)address;
        messages[index].msg_hdr.msg_namelen = address_size;
        messages[index].msg_hdr.msg_iov = &places[index];
        messages[index].msg_hdr.msg_iovlen = 1;
        bytes += sizes[index];
    }
    int sent;
    do {
        sent = sendmmsg(socket, messages, count, MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}
