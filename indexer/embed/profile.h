// An encoder profile: everything that turns products into one kind of vector, as a JSON file. A new
// encoder needs a new file and no code; docs/encoders.md describes every field.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/image/preprocess.h"
#include "shared/result.h"

namespace vitrine {

// How a model's output becomes one vector per input.
enum class Pooling {
  kNone,   // [n, d]
  kMean,   // the mean over positions (of [n, t, d], masked ones left out) or pixels ([n, d, h, w])
  kFirst,  // the first position of [n, t, d]
};

// What is known of a published model file.
struct FileFacts {
  uint64_t bytes = 0;  // 0 = unknown
  std::string sha256;  // hex; empty = unknown
};

struct ImageTower {
  std::vector<std::string> files;  // model files to look for, the best first
  std::string input = "pixel_values";
  std::string output = "image_embeds";
  Pooling pooling = Pooling::kNone;
  ImagePreprocess preprocess;
};

struct TextTower {
  std::vector<std::string> files;
  std::string ids_input = "input_ids";
  std::string mask_input = "attention_mask";   // left out where the model has no such input
  std::string types_input = "token_type_ids";  // the same
  std::string output = "text_embeds";
  Pooling pooling = Pooling::kNone;
  std::string tokenizer;  // "clip-bpe", "roberta-bpe", "wordpiece", "sentencepiece"
  std::vector<std::string> tokenizer_files;  // vocabulary files to look for
  int max_tokens = 77;
  bool pad_to_max = false;  // else to the longest of the batch
  int64_t pad_id = 0;
  bool lower = false;         // lower-case the text before the tokenizer sees it
  bool canonicalise = false;  // and drop ASCII punctuation, collapse white space (SigLIP)
  std::vector<std::string> fields = {"title"};  // of a product, joined by one space
};

// TF-IDF with the semantics of scikit-learn's TfidfVectorizer, beside one-hot columns of
// categories.
struct BagOfWords {
  std::vector<std::string> fields;   // joined by one space
  std::vector<std::string> one_hot;  // fields with a column per distinct value
  uint32_t max_features = 5000;
  uint32_t min_documents = 1;
  bool smooth_idf = true;
  bool sublinear_tf = false;
  std::vector<float> one_hot_weights;  // parallel to one_hot; empty = 1 each
  bool unknown_is_a_value = true;      // has the empty value a column of its own?
};

// A dense projection of another profile's rows.
struct Projection {
  std::string of;
  bool svd = true;  // truncated SVD; false = random signs (Achlioptas 2003)
  uint32_t dimensions = 256;
};

struct EncoderProfile {
  enum class Kind { kOnnx, kBagOfWords, kProjection };
  std::string name;
  std::string about;
  std::string licence;
  std::string source;
  Kind kind = Kind::kOnnx;
  bool joint = false;       // image and text vectors live in one space
  bool normalise = true;    // L2
  uint32_t dimensions = 0;  // 0 = as the model says
  float weight = 1;         // of this encoder's block in fused vectors
  uint32_t batch = 8;       // products per run; part of the digest
  std::optional<ImageTower> image;
  std::optional<TextTower> text;
  BagOfWords bag_of_words;
  Projection projection;
  std::map<std::string, FileFacts> files;  // by name, for those that are known

  std::string digest;  // SHA-256 of the JSON text, hex: part of the cache key
};

// Errors name the field and what it may be; `where` is the file's name.
Result<EncoderProfile> ParseProfile(const std::string& json, const std::string& where);

// Where profiles are looked for: `given` (if not empty), then those that come with vitrine.
std::vector<std::filesystem::path> ProfileFolders(const std::filesystem::path& given);
// The profile NAME.json of the first folder that has it. The error lists the names there are.
Result<EncoderProfile> FindProfile(const std::string& name, const std::filesystem::path& given);
// All profiles, sorted by name.
Result<std::vector<EncoderProfile>> ListProfiles(const std::filesystem::path& given);

}  // namespace vitrine
