#include "indexer/recommend_search.h"

#include "indexer/embed/image_decode.h"
#include "indexer/embed/image_encoder.h"
#include "indexer/embed/model_store.h"
#include "indexer/publish/search_files.h"
#include "indexer/search/space.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

Result<std::vector<float>> EncodePhoto(const std::string& encoder, const Image& photo,
                                       const SearchQuestion& question) {
  VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(encoder, question.embed.profile_dir));
  VITRINE_ASSIGN(const auto runtime, OnnxRuntime::Load(question.embed.ort_lib));
  VITRINE_ASSIGN(const ImageEncoder tower, ImageEncoder::Open(profile, ModelFolders(question.embed),
                                                              runtime, question.embed.device));
  std::vector<float> pixels(profile.image->preprocess.output_size());
  Preprocess(photo, profile.image->preprocess, pixels);
  return tower.Encode(pixels, 1);
}

// The text's vector by the model where one is given, else that of the likely query.
Result<std::vector<float>> TextVector(const std::string& encoder, const Searcher& searcher,
                                      const SearchQuestion& question, Console& console) {
  if (question.embed.model_dir.empty()) {
    const auto known = searcher.QueryVector();
    return std::vector<float>(known.begin(), known.end());
  }
  const std::string texts[] = {question.text};
  VITRINE_ASSIGN(Matrix rows, EncodeQueryTexts(encoder, texts, question.embed, console));
  return std::move(rows.data);
}

}  // namespace

Result<SearchAnswer> AnswerSearch(const std::filesystem::path& folder, const OpenedBundle& bundle,
                                  const SearchQuestion& question, Console& console) {
  VITRINE_ASSIGN(Searcher searcher, OpenSearch(folder, bundle.manifest));
  VITRINE_ASSIGN(const SearchFiles files, ReadSearchFiles(folder, *bundle.manifest.search));
  const bool model = !question.embed.model_dir.empty();
  if ((model || !question.photo.empty()) &&
      (files.encoder.empty() || searcher.space() == nullptr)) {
    return UsageError(
        "this bundle has no encoder to search with; leave out --model-dir and --photo");
  }
  searcher.Ask(question.text);
  SearchAnswer answer;
  const uint32_t query = searcher.understanding().query;
  if (query != kNoQuery) answer.likely_query = searcher.language()->index().queries[query].text;
  if (!question.photo.empty()) {
    VITRINE_ASSIGN(const Bytes bytes, ReadFile(question.photo));
    const auto photo = DecodeImage(bytes);
    if (!photo.ok()) return Error{question.photo + ": " + photo.error().message};
    VITRINE_ASSIGN(const auto vector, EncodePhoto(files.encoder, photo.value(), question));
    answer.hits = searcher.ByPhoto(vector, ThumbViews(photo.value()), question.limit);
    return answer;
  }
  std::vector<float> vector;
  if (model || !question.like.empty()) {
    VITRINE_ASSIGN(vector, TextVector(files.encoder, searcher, question, console));
  }
  if (!question.like.empty()) {
    const ItemIndex item = bundle.recommender.catalogue()->Find(question.like);
    if (item == kNoItem) return Error{"no product has the id \"" + question.like + "\""};
    answer.hits = searcher.ByShift(item, vector, question.limit);
  } else {
    answer.hits =
        model ? searcher.ByVector(vector, question.limit) : searcher.ByWords(question.limit);
  }
  return answer;
}

}  // namespace vitrine
