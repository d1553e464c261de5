#ifndef VS_CSRTP_SHIM_H
#define VS_CSRTP_SHIM_H

#include <srtp2/srtp.h>

#endif
