// What a web server must say about the files of a bundle: the one place that knows the headers.
// `serve` sends them, `hosting` prints them for other servers, docs/deploy.md explains them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/result.h"

namespace vitrine {

// Names with a hash in them never change.
inline constexpr const char* kImmutable = "public, max-age=31536000, immutable";
// The manifest and the script of fixed name: a page shows at once what the browser has, and the
// next one has what is new.
inline constexpr const char* kShortLived = "public, max-age=60, stale-while-revalidate=86400";

struct Header {
  const char* name;
  const char* value;
};
// Of every file of a bundle: any shop may read it, from any origin, and no browser guesses its
// type.
inline constexpr Header kBundleHeaders[] = {{"Access-Control-Allow-Origin", "*"},
                                            {"Cross-Origin-Resource-Policy", "cross-origin"},
                                            {"Timing-Allow-Origin", "*"},
                                            {"X-Content-Type-Options", "nosniff"}};

// By the ending of a path.
const char* MimeType(std::string_view path);

// Has this path, below a bundle's folder, a hash in it?
bool IsImmutable(std::string_view path);

std::vector<std::string> Hosts();  // names that HostingSnippet knows

// Configuration for a host: bundle at `prefix` (absolute path with slashes at both ends,
// "/bundle/"). Fails on a host that it does not know.
Result<std::string> HostingSnippet(const std::string& host, const std::string& prefix);

}  // namespace vitrine
