#include "indexer/embed/photos.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <utility>

#include "indexer/embed/feature_cache.h"
#include "indexer/embed/http.h"
#include "indexer/embed/image_decode.h"
#include "indexer/embed/parallel.h"
#include "indexer/embed/photo_source.h"
#include "shared/image/thumb.h"

namespace vitrine {
namespace {

constexpr size_t kMostCandidates = 4;  // photos of one product that are tried

// A product's photo: its name in the catalogue, and its content.
struct Photo {
  std::vector<std::string> candidates;  // those at hand first, then addresses
  std::string image;                    // the one that is used, or the first that failed
  ContentKey key{};
  std::string problem = "the catalogue names no photo";  // empty = none
};

// What one run of the model is fed.
struct PixelBatch {
  std::vector<ContentKey> keys;
  std::vector<float> pixels;
  std::vector<uint8_t> thumbs;  // kThumbBytes of each
};

// What the cache keeps of each photo: its vector, then its thumb.
std::vector<float> WithThumbs(std::span<const float> rows, std::span<const uint8_t> thumbs,
                              size_t count) {
  const size_t dimensions = rows.size() / count;
  std::vector<float> joined;
  joined.reserve(rows.size() + thumbs.size());
  for (size_t i = 0; i < count; ++i) {
    const auto row = rows.subspan(i * dimensions, dimensions);
    const auto thumb = thumbs.subspan(i * kThumbBytes, kThumbBytes);
    joined.insert(joined.end(), row.begin(), row.end());
    joined.insert(joined.end(), thumb.begin(), thumb.end());
  }
  return joined;
}

class PhotoRun {
 public:
  PhotoRun(std::span<const Product> products, PhotoSource& source, const ImageEncoder& encoder,
           const EncoderProfile& profile, const EmbedOptions& options, FeatureCache& cache)
      : source_(source), encoder_(encoder), profile_(profile), options_(options), cache_(cache) {
    photos_.resize(products.size());
    for (size_t i = 0; i < products.size(); ++i) {
      auto& candidates = photos_[i].candidates;
      candidates = products[i].images;
      std::stable_partition(candidates.begin(), candidates.end(),
                            [](const std::string& image) { return !IsWebAddress(image); });
      candidates.resize(std::min(candidates.size(), kMostCandidates));
    }
  }

  // Finds every product's first photo that can be read, and reads it to know its content.
  void Identify(const Console& console) {
    for (size_t round = 0; round < kMostCandidates; ++round) {
      std::vector<size_t> lacking;
      std::vector<std::string> images;
      for (size_t i = 0; i < photos_.size(); ++i) {
        if (photos_[i].problem.empty() || round >= photos_[i].candidates.size()) continue;
        lacking.push_back(i);
        images.push_back(photos_[i].candidates[round]);
      }
      source_.Fetch(images, console);
      constexpr size_t kPiece = 32;
      ForEachPiece((lacking.size() + kPiece - 1) / kPiece, options_.threads, [&](size_t piece) {
        const size_t end = std::min(lacking.size(), (piece + 1) * kPiece);
        for (size_t i = piece * kPiece; i < end; ++i) Try(photos_[lacking[i]], images[i]);
      });
    }
  }

  // Encodes the contents that the cache does not have, each once; how many got a vector.
  Result<size_t> EncodeMissing(const Console& console) {
    std::map<ContentKey, size_t> first;  // the first photo with this content
    std::vector<size_t> todo;
    for (size_t i = 0; i < photos_.size(); ++i) {
      if (!photos_[i].problem.empty() || cache_.Has(photos_[i].key)) continue;
      if (first.try_emplace(photos_[i].key, i).second) todo.push_back(i);
    }
    Progress progress(console, profile_.name, todo.size(), "images");
    std::mutex mutex;
    size_t done = 0, encoded = 0;
    const auto decode = [&](size_t piece) {
      const size_t begin = piece * profile_.batch;
      const size_t end = std::min(todo.size(), begin + profile_.batch);
      return MakeBatch(std::span(todo).subspan(begin, end - begin));
    };
    const auto encode = [&](const PixelBatch& batch) -> Status {
      if (!batch.keys.empty()) {
        VITRINE_ASSIGN(const auto rows, encoder_.Encode(batch.pixels, batch.keys.size()));
        VITRINE_RETURN_IF_ERROR(
            cache_.Put(batch.keys, WithThumbs(rows, batch.thumbs, batch.keys.size())));
      }
      const std::lock_guard lock(mutex);
      encoded += batch.keys.size();
      progress.Update(std::min<uint64_t>(todo.size(), done += profile_.batch));
      return Ok();
    };
    const size_t pieces = (todo.size() + profile_.batch - 1) / profile_.batch;
    VITRINE_RETURN_IF_ERROR(RunStages<PixelBatch>(pieces, options_.threads, decode, encode));
    for (Photo& photo : photos_) {  // the same broken file shown by several products
      const auto at = first.find(photo.key);
      if (photo.problem.empty() && at != first.end()) photo.problem = photos_[at->second].problem;
    }
    return encoded;
  }

  const std::vector<Photo>& photos() const { return photos_; }

 private:
  void Try(Photo& photo, const std::string& image) const {
    auto bytes = source_.Read(image);
    if (bytes.ok()) {
      photo.key = KeyOf(bytes.value());
      photo.problem.clear();
    } else if (photo.image.empty()) {
      photo.problem = bytes.error().message;
    } else {
      return;
    }
    photo.image = image;
  }

  PixelBatch MakeBatch(std::span<const size_t> which) {
    const ImagePreprocess& preprocess = profile_.image->preprocess;
    PixelBatch batch;
    for (size_t i : which) {
      Photo& photo = photos_[i];
      auto bytes = source_.Read(photo.image);
      auto image = bytes.ok() ? DecodeImage(bytes.value()) : Result<Image>(bytes.error());
      if (!image.ok()) {
        photo.problem = image.error().message;
        continue;
      }
      const size_t at = batch.pixels.size();
      batch.pixels.resize(at + preprocess.output_size());
      Preprocess(image.value(), preprocess, std::span(batch.pixels).subspan(at));
      const auto thumb = ThumbOf(image.value());
      batch.thumbs.insert(batch.thumbs.end(), thumb.begin(), thumb.end());
      batch.keys.push_back(photo.key);
    }
    return batch;
  }

  PhotoSource& source_;
  const ImageEncoder& encoder_;
  const EncoderProfile& profile_;
  const EmbedOptions& options_;
  FeatureCache& cache_;
  std::vector<Photo> photos_;  // one per product
};

void TellSpeed(const std::string& name, size_t encoded, size_t reused, size_t problems,
               std::chrono::duration<double> time, const Console& console) {
  char text[160];
  std::snprintf(text, sizeof text,
                "%zu photos encoded in %.1f s (%.1f images/s), %zu products unchanged or alike, "
                "%zu without a usable photo",
                encoded, time.count(), static_cast<double>(encoded) / std::max(time.count(), 1e-9),
                reused, problems);
  console.Info(name + ": " + text);
}

}  // namespace

Result<EncodedRows> EncodePhotos(std::span<const Product> products, const ImageEncoder& encoder,
                                 const EncoderProfile& profile, const EmbedOptions& options,
                                 Console& console) {
  VITRINE_ASSIGN(const auto cache,
                 FeatureCache::Open(options.CacheFile(profile.name + "-photos", encoder.digest()),
                                    encoder.dimensions() + static_cast<uint32_t>(kThumbBytes)));
  PhotoOptions photo_options = options.photos;
  if (!options.cache_dir.empty()) photo_options.downloads = options.cache_dir / "photos";
  VITRINE_ASSIGN(const auto source, PhotoSource::Open(photo_options));
  PhotoRun run(products, *source, encoder, profile, options, *cache);
  run.Identify(console);
  EncodedRows result;
  result.name = profile.name;
  const auto start = std::chrono::steady_clock::now();
  VITRINE_ASSIGN(result.encoded, run.EncodeMissing(console));
  result.rows = Matrix(products.size(), encoder.dimensions());
  result.thumbs = Matrix(products.size(), kThumbBytes);
  std::vector<float> kept(cache->dimensions());
  size_t used = 0;
  for (size_t i = 0; i < products.size(); ++i) {
    const Photo& photo = run.photos()[i];
    if (photo.problem.empty() && cache->Get(photo.key, kept)) {
      const auto thumb = kept.begin() + encoder.dimensions();
      std::copy(kept.begin(), thumb, result.rows.row(i).begin());
      std::copy(thumb, kept.end(), result.thumbs.row(i).begin());
      ++used;
      continue;
    }
    result.problems.push_back({products[i].id, photo.image,
                               photo.problem.empty() ? "its vector is lost" : photo.problem});
  }
  result.reused = used - std::min(used, result.encoded);
  TellSpeed(profile.name, result.encoded, result.reused, result.problems.size(),
            std::chrono::steady_clock::now() - start, console);
  return result;
}

}  // namespace vitrine
