#include "indexer/publish/hosting.h"

#include <algorithm>
#include <iterator>

namespace vitrine {
namespace {

constexpr Header kTypes[] = {{".html", "text/html; charset=utf-8"},
                             {".css", "text/css; charset=utf-8"},
                             {".js", "text/javascript; charset=utf-8"},
                             {".mjs", "text/javascript; charset=utf-8"},
                             {".json", "application/json"},
                             {".wasm", "application/wasm"},
                             {".svg", "image/svg+xml"},
                             {".jpg", "image/jpeg"},
                             {".png", "image/png"},
                             {".webp", "image/webp"},
                             {".ico", "image/x-icon"},
                             {".woff2", "font/woff2"},
                             {".txt", "text/plain; charset=utf-8"}};

// Files whose names stay while their content changes.
constexpr const char* kFixedNames[] = {"manifest.json", "vitrine.js", "vitrine.css"};

std::string Lines(const char* before, const char* between, const char* after) {
  std::string text;
  for (const Header& header : kBundleHeaders)
    text += std::string(before) + header.name + between + header.value + after;
  return text;
}

// Folders of a bundle whose files never change.
constexpr const char* kImmutableFolders[] = {"pages", "cards", "changes", "data", "js", "search"};

// Netlify and Cloudflare Pages; they compress by themselves. No path has two rules for one header,
// since the two hosts would join them differently.
std::string StaticHostHeaders(const std::string& prefix) {
  std::string text =
      "# _headers, in the root of the site\n" + prefix + "*\n" + Lines("  ", ": ", "\n");
  for (const char* folder : kImmutableFolders) {
    text += prefix + folder + "/*\n  Cache-Control: " + kImmutable + "\n";
  }
  for (const char* name : kFixedNames)
    text += prefix + name + "\n  Cache-Control: " + kShortLived + "\n";
  return text;
}

std::string Nginx(const std::string& prefix) {
  const std::string headers = Lines("        add_header ", " \"", "\" always;\n");
  return "# nginx: inside `server { … }`; the compressed copies need ngx_http_gzip_static_module "
         "and, for .br,\n"
         "# the module ngx_brotli (leave the line out without it)\n"
         "location " +
         prefix +
         " {\n"
         "    gzip_static on;\n"
         "    brotli_static on;\n"
         "    types {\n"
         "        application/json json;\n"
         "        application/wasm wasm;\n"
         "        text/javascript js mjs;\n"
         "        text/css css;\n"
         "        application/octet-stream bin delta;\n"
         "    }\n"
         "    location ~ \"/(pages|cards|changes|data|js|search)/\" {\n"
         "        add_header Cache-Control \"" +
         kImmutable + "\";\n" + headers +
         "    }\n"
         "    location ~ \"/(manifest\\.json|vitrine\\.js|vitrine\\.css)$\" {\n"
         "        add_header Cache-Control \"" +
         kShortLived + "\";\n" + headers +
         "    }\n"
         "}\n";
}

std::string Apache(const std::string& prefix) {
  return "# Apache: .htaccess in the folder that is served as " + prefix +
         " (mod_headers, mod_rewrite, mod_mime)\n"
         "AddType application/wasm .wasm\n"
         "AddType text/javascript .js .mjs\n"
         "AddType application/json .json\n"
         "AddType application/octet-stream .bin .delta\n" +
         Lines("Header always set ", " \"", "\"\n") +
         "RewriteEngine On\n"
         "RewriteCond %{HTTP:Accept-Encoding} \\bbr\\b\n"
         "RewriteCond %{REQUEST_FILENAME}.br -f\n"
         "RewriteRule ^(.+)$ $1.br [E=no-gzip:1,E=no-brotli:1,L]\n"
         "RewriteCond %{HTTP:Accept-Encoding} \\bgzip\\b\n"
         "RewriteCond %{REQUEST_FILENAME}.gz -f\n"
         "RewriteRule ^(.+)$ $1.gz [E=no-gzip:1,E=no-brotli:1,L]\n"
         "<FilesMatch \"\\.br$\">\n    Header set Content-Encoding br\n    Header append Vary "
         "Accept-Encoding\n    RemoveLanguage .br\n</FilesMatch>\n"
         "<FilesMatch \"\\.gz$\">\n    Header set Content-Encoding gzip\n    Header append Vary "
         "Accept-Encoding\n    RemoveType .gz\n</FilesMatch>\n"
         "<FilesMatch \"\\.json\\.(br|gz)$\">\n    ForceType application/json\n</FilesMatch>\n"
         "<FilesMatch \"\\.js\\.(br|gz)$\">\n    ForceType text/javascript\n</FilesMatch>\n"
         "<FilesMatch \"\\.css\\.(br|gz)$\">\n    ForceType text/css\n</FilesMatch>\n"
         "<FilesMatch \"\\.wasm\\.(br|gz)$\">\n    ForceType application/wasm\n</FilesMatch>\n"
         "Header set Cache-Control \"" +
         std::string(kShortLived) +
         "\"\n"
         "<If \"%{REQUEST_URI} =~ m#/(pages|cards|changes|data|js|search)/#\">\n    Header set "
         "Cache-Control \"" +
         kImmutable + "\"\n</If>\n";
}

// The order matters: what the manifest names is there before it names it.
std::string S3(const std::string& prefix) {
  const std::string target = "\"s3://$BUCKET" + prefix + "\"";
  std::string text =
      "#!/bin/sh\n"
      "# Publishes a bundle to S3 behind CloudFront: BUCKET=… DISTRIBUTION=… sh publish-s3.sh "
      "BUNDLE_DIR\n"
      "# CloudFront: managed cache policy CachingOptimized (it compresses), managed response "
      "headers policy\n"
      "# CORS-and-SecurityHeaders, or these headers:\n" +
      Lines("#   ", ": ", "\n") +
      "set -eu\n"
      "# Compressed copies are for servers that pick them; CloudFront compresses what is below 10 "
      "MB itself.\n"
      "aws s3 sync \"$1\" " +
      target +
      " --exclude '*.br' --exclude '*.gz' --exclude manifest.json --exclude vitrine.js \\\n"
      "  --exclude vitrine.css --exclude '*.wasm' --exclude '*.js' --exclude '*.mjs' --size-only "
      "--cache-control '" +
      kImmutable +
      "'\n"
      "aws s3 sync \"$1\" " +
      target +
      " --exclude '*' --include '*.wasm' --content-type application/wasm --size-only \\\n"
      "  --cache-control '" +
      kImmutable +
      "'\n"
      "aws s3 sync \"$1/js\" \"s3://$BUCKET" +
      prefix +
      "js/\" --exclude '*' --include '*.js' --include '*.mjs' --content-type text/javascript "
      "--size-only \\\n"
      "  --cache-control '" +
      kImmutable +
      "'\n"
      "for file in vitrine.js vitrine.css manifest.json; do\n"
      "  [ ! -f \"$1/$file\" ] || aws s3 cp \"$1/$file\" \"s3://$BUCKET" +
      prefix + "$file\" --cache-control '" + kShortLived +
      "'\n"
      "done\n"
      "aws cloudfront create-invalidation --distribution-id \"$DISTRIBUTION\" --paths '" +
      prefix + "manifest.json' '" + prefix + "vitrine.js' '" + prefix +
      "vitrine.css'\n"
      "# Files of builds before the last one: remove them with a lifecycle rule, not with `sync "
      "--delete`,\n"
      "# which would take them from pages that are open.\n";
  return text;
}

struct Host {
  const char* name;
  std::string (*snippet)(const std::string& prefix);
};
constexpr Host kHosts[] = {{"netlify", StaticHostHeaders},
                           {"cloudflare", StaticHostHeaders},
                           {"nginx", Nginx},
                           {"apache", Apache},
                           {"s3", S3}};

}  // namespace

const char* MimeType(std::string_view path) {
  for (const Header& type : kTypes) {
    if (path.ends_with(type.name)) return type.value;
  }
  return "application/octet-stream";
}

bool IsImmutable(std::string_view path) {
  constexpr size_t kDigits = 16;
  for (size_t at = 0; at + kDigits + 1 < path.size(); ++at) {
    if (path[at] != '.' && path[at] != '/') continue;
    const std::string_view digits = path.substr(at + 1, kDigits);
    const char after = path[at + 1 + kDigits];
    if ((after == '.' || after == '/') &&
        digits.find_first_not_of("0123456789abcdef") == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> Hosts() {
  std::vector<std::string> names;
  std::transform(std::begin(kHosts), std::end(kHosts), std::back_inserter(names),
                 [](const Host& host) { return host.name; });
  return names;
}

Result<std::string> HostingSnippet(const std::string& host, const std::string& prefix) {
  if (prefix.empty() || prefix.front() != '/' || prefix.back() != '/' ||
      prefix.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.~-") !=
          std::string::npos) {
    return UsageError("the path \"" + prefix + "\" must begin and end with a slash, like /bundle/");
  }
  for (const Host& known : kHosts) {
    if (host == known.name) return known.snippet(prefix);
  }
  return UsageError(
      "\"" + host +
      "\" is no host that is known here; they are netlify, cloudflare, nginx, apache, s3");
}

}  // namespace vitrine
