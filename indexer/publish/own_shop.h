// One's own shop in the demo. Its page own.html hands the files that were dropped on it to the
// server on the same machine, which runs `vitrine init` and `vitrine build` on them and gives the
// bundle back:
//
// - `PUT /own-shop/files/<path>`: a table or a photo, as it is named in the dropped folder;
// - `POST /own-shop/bundle` indexes them: `{"files": [...], "log": "..."}`, or 422 `{"error":
// "..."}`;
// - `GET /own-shop/bundle/<file>`;
// - `DELETE /own-shop/files` forgets files and bundle; so does the end of the server;
// - `GET /own-shop/`: 200 where all this is offered.
//
// Other sites' pages are kept out: every request must name this machine as its host, and those that
// change something carry a header that only a page of this origin may send.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "shared/result.h"

namespace httplib {
class Server;
}

namespace vitrine {

class OwnShop {
 public:
  // `engine`: the vitrine.wasm that goes into the bundles.
  static Result<std::unique_ptr<OwnShop>> Create(const std::filesystem::path& engine);
  ~OwnShop();
  OwnShop(const OwnShop&) = delete;
  OwnShop& operator=(const OwnShop&) = delete;

  // Before any handler that takes every path. `this` must outlive the server.
  void Mount(httplib::Server& server);

 private:
  OwnShop(std::filesystem::path engine, std::filesystem::path folder)
      : engine_(std::move(engine)), folder_(std::move(folder)) {}

  Result<std::string> Index();  // the JSON of the answer
  void Forget();

  std::filesystem::path engine_, folder_;
  std::mutex lock_;  // one shop, one builder
};

}  // namespace vitrine
