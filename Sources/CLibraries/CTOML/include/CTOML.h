#ifndef CTOML_H
#define CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// toml++ behind C functions: no exception leaves them, texts are bytes with their length, and everything knows its place.
/// Lines and columns are counted from 1; columns count code points.

typedef struct CTOMLDocument CTOMLDocument;
typedef struct CTOMLNode CTOMLNode;

typedef enum {
    CTOML_TEXT,
    CTOML_INTEGER,
    CTOML_REAL,
    CTOML_BOOLEAN,
    CTOML_DATE,
    CTOML_ARRAY,
    CTOML_TABLE,
} CTOMLKind;

typedef struct {
    const char *_Nullable bytes;
    size_t count;
} CTOMLText;

typedef struct {
    uint32_t line;
    uint32_t column;
} CTOMLPlace;

/// Reads UTF-8 text; null only when memory is short.
CTOMLDocument *_Nullable ctoml_parse(const uint8_t *_Nullable bytes, size_t count);
void ctoml_free(CTOMLDocument *_Nullable document);

/// The top table; null where the text is not TOML, and `ctoml_error` tells why.
const CTOMLNode *_Nullable ctoml_root(const CTOMLDocument *_Nonnull document);
CTOMLText ctoml_error(const CTOMLDocument *_Nonnull document, CTOMLPlace *_Nonnull place);

CTOMLKind ctoml_kind(const CTOMLNode *_Nonnull node);
/// Where the key stands; of an element of an array, the element.
CTOMLPlace ctoml_place(const CTOMLNode *_Nonnull node);
/// Empty for an element of an array.
CTOMLText ctoml_key(const CTOMLNode *_Nonnull node);
CTOMLText ctoml_text(const CTOMLNode *_Nonnull node);
int64_t ctoml_integer(const CTOMLNode *_Nonnull node);
double ctoml_real(const CTOMLNode *_Nonnull node);
bool ctoml_boolean(const CTOMLNode *_Nonnull node);
/// Members of a table in the order of the file, or elements of an array.
size_t ctoml_count(const CTOMLNode *_Nonnull node);
const CTOMLNode *_Nonnull ctoml_child(const CTOMLNode *_Nonnull node, size_t index);

#ifdef __cplusplus
}
#endif

#endif
