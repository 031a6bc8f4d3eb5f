// One HTTP GET through libcurl, with the limits that addresses from a catalogue need.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

struct HttpRequest {
  std::string url;    // http or https; anything else is refused
  int64_t from = 0;   // first byte wanted; > 0 asks for the rest of a file
  std::string etag;   // the answer must still have it (from > 0) or differ from it (from == 0)
  std::string since;  // Last-Modified of the copy at hand; used as `etag` is when that is empty

  // Addresses of this machine and of private networks (RFC 1918, 4193, 6598, link-local, ...), also
  // behind a name or a redirect. Checked on the address that is really connected to, so a name that
  // changes its address between two look-ups does not get past. Behind a proxy of the environment
  // only literal addresses can be checked.
  bool allow_private_addresses = false;
  int64_t max_bytes = int64_t{64} << 20;
  long max_redirects = 5;  // https never leads to http
  long max_seconds = 60;   // in all; 0 = as long as something comes
};

struct HttpAnswer {
  long status = 0;  // 200, 206, 304, 404, ...; 0 = no answer, see `problem`
  std::string etag, last_modified;
  std::string sha256;  // of a file that Hugging Face keeps, told by its redirect; else empty
  long retry_after_seconds = 0;
  std::string problem;  // empty = the transfer is whole
  bool again = false;   // may the same request succeed later?

  bool ok() const { return problem.empty() && (status == 200 || status == 206); }
};

// Gives the body of a 200 or 206 piece by piece; a piece that `sink` refuses ends the transfer.
// `begin` is called before the first piece, with the headers: it sees (status 200) when the server
// sends the whole file although a part was asked for, and may refuse too. Blocks; thread-safe.
HttpAnswer HttpGet(const HttpRequest& request, const std::function<bool(ByteView)>& sink,
                   const std::function<bool(const HttpAnswer&)>& begin = {});

bool IsWebAddress(const std::string& text);  // starts with http:// or https://
// "shop.example:8080" of "https://shop.example:8080/a.jpg"; empty when there is none.
std::string HostOf(const std::string& url);

}  // namespace vitrine
