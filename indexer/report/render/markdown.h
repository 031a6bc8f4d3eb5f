// A report as Markdown, for the job page of a CI system: findings, figures, tables and links to the
// charts' SVG files beside it.
#pragma once

#include <string>

#include "indexer/report/render/document.h"

namespace vitrine {

std::string MarkdownOf(const Document& document);

}  // namespace vitrine
