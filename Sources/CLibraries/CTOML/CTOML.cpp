// The header alone: the shared libraries of the two Debians differ.
#define TOML_EXCEPTIONS 1
// Version 3.3 asserts in parse_key() that a name follows `[` and says two lines later what is wrong when none does.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "CTOML.h"

struct CTOMLNode {
    CTOMLKind kind = CTOML_TABLE;
    CTOMLPlace place = {0, 0};
    std::string key;
    std::string text;
    int64_t integer = 0;
    double real = 0;
    bool boolean = false;
    std::vector<CTOMLNode> children;
};

struct CTOMLDocument {
    bool isValid = false;
    CTOMLNode root;
    std::string error;
    CTOMLPlace errorPlace = {0, 0};
};

namespace {

CTOMLPlace place(const toml::source_region &region) {
    return {region.begin.line, region.begin.column};
}

// The key's; of a section, that of its brackets.
CTOMLPlace placeOf(const toml::key &key, const toml::node &value) {
    const toml::node *section = &value;
    if (const toml::array *list = value.as_array(); list && !list->empty() && list->is_array_of_tables())
        section = &list->front();
    const toml::table *table = section->as_table();
    bool hasBrackets = table && !table->is_inline() && section->source().begin.line == key.source().begin.line;
    return place(hasBrackets ? section->source() : key.source());
}

// The parser limits how deep values and dotted keys nest (TOML_MAX_NESTED_VALUES, 256), and so how deep this goes.
void copy(const toml::node &from, CTOMLNode &to) {
    switch (from.type()) {
    case toml::node_type::table:
        to.kind = CTOML_TABLE;
        for (auto &&[key, value] : *from.as_table()) {
            CTOMLNode child;
            child.key = std::string(key.str());
            child.place = placeOf(key, value);
            copy(value, child);
            to.children.push_back(std::move(child));
        }
        std::stable_sort(to.children.begin(), to.children.end(), [](const CTOMLNode &a, const CTOMLNode &b) {
            return a.place.line != b.place.line ? a.place.line < b.place.line : a.place.column < b.place.column;
        });
        break;
    case toml::node_type::array:
        to.kind = CTOML_ARRAY;
        for (const toml::node &element : *from.as_array()) {
            CTOMLNode child;
            child.place = place(element.source());
            copy(element, child);
            to.children.push_back(std::move(child));
        }
        break;
    case toml::node_type::string:
        to.kind = CTOML_TEXT;
        to.text = from.as_string()->get();
        break;
    case toml::node_type::integer:
        to.kind = CTOML_INTEGER;
        to.integer = from.as_integer()->get();
        break;
    case toml::node_type::floating_point:
        to.kind = CTOML_REAL;
        to.real = from.as_floating_point()->get();
        break;
    case toml::node_type::boolean:
        to.kind = CTOML_BOOLEAN;
        to.boolean = from.as_boolean()->get();
        break;
    default: to.kind = CTOML_DATE; break;
    }
}

}  // namespace

extern "C" {

CTOMLDocument *ctoml_parse(const uint8_t *bytes, size_t count) {
    CTOMLDocument *document = new (std::nothrow) CTOMLDocument;
    if (!document) return nullptr;
    try {
        toml::table table = toml::parse(std::string_view(reinterpret_cast<const char *>(bytes), count));
        copy(table, document->root);
        document->isValid = true;
        return document;
    } catch (const toml::parse_error &error) {
        try {
            document->error = std::string(error.description());
            document->errorPlace = place(error.source());
            return document;
        } catch (...) {
        }
    } catch (...) {
    }
    // Memory is short.
    delete document;
    return nullptr;
}

void ctoml_free(CTOMLDocument *document) { delete document; }

const CTOMLNode *ctoml_root(const CTOMLDocument *document) { return document->isValid ? &document->root : nullptr; }

CTOMLText ctoml_error(const CTOMLDocument *document, CTOMLPlace *place) {
    *place = document->errorPlace;
    return {document->error.data(), document->error.size()};
}

CTOMLKind ctoml_kind(const CTOMLNode *node) { return node->kind; }
CTOMLPlace ctoml_place(const CTOMLNode *node) { return node->place; }
CTOMLText ctoml_key(const CTOMLNode *node) { return {node->key.data(), node->key.size()}; }
CTOMLText ctoml_text(const CTOMLNode *node) { return {node->text.data(), node->text.size()}; }
int64_t ctoml_integer(const CTOMLNode *node) { return node->integer; }
double ctoml_real(const CTOMLNode *node) { return node->real; }
bool ctoml_boolean(const CTOMLNode *node) { return node->boolean; }
size_t ctoml_count(const CTOMLNode *node) { return node->children.size(); }
const CTOMLNode *ctoml_child(const CTOMLNode *node, size_t index) { return &node->children[index]; }
}
