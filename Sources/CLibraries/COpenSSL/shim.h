#ifndef VS_COPENSSL_SHIM_H
#define VS_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/srtp.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <sys/time.h>

// What the importer drops: function-like macros, variadic functions, constants behind casts.

static const uint64_t vs_openssl_op_no_query_mtu = SSL_OP_NO_QUERY_MTU;
static const uint64_t vs_openssl_op_no_ticket = SSL_OP_NO_TICKET;
static const uint64_t vs_openssl_op_no_renegotiation = SSL_OP_NO_RENEGOTIATION;

static inline EVP_PKEY *vs_openssl_generate_p256(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static inline int vs_openssl_use_dtls12(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION)
        && SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
}

static inline int vs_openssl_set_groups(SSL_CTX *context, const char *list) {
    return (int)SSL_CTX_set1_groups_list(context, list);
}

static inline void vs_openssl_set_mtu(SSL *ssl, long mtu) {
    SSL_set_mtu(ssl, mtu);
}

static inline int vs_openssl_get_timeout(SSL *ssl, struct timeval *left) {
    return (int)DTLSv1_get_timeout(ssl, left);
}

static inline int vs_openssl_handle_timeout(SSL *ssl) {
    return (int)DTLSv1_handle_timeout(ssl);
}

static inline int vs_openssl_pending(BIO *bio) {
    return (int)BIO_pending(bio);
}

static inline void vs_openssl_reset(BIO *bio) {
    (void)BIO_reset(bio);
}

#endif
