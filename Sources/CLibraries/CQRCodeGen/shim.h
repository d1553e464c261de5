#pragma once
#include <qrcodegen/qrcodegen.h>

// qrcodegen_BUFFER_LEN_MAX: bytes that any code needs.
static const int vs_qrcodegen_buffer_length = qrcodegen_BUFFER_LEN_MAX;
