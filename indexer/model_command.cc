// `vitrine model`: brings and checks the files of encoders.
#include "indexer/embed/model_store.h"
#include "indexer/embed_command.h"

namespace vitrine {
namespace {

struct ModelCommandOptions {
  std::string action;
  std::string name;
  std::string from;
  Device device = Device::kAuto;
  EmbedOptions embed;
  ReferencePhoto reference;
};

Status RunModel(ModelCommandOptions options, Context& context) {
  options.embed.device = options.device;
  VITRINE_ASSIGN(const EncoderProfile profile,
                 FindProfile(options.name, options.embed.profile_dir));
  if (options.action == "check") {
    return CheckModel(profile, options.embed, options.reference, context.console);
  }
  if (options.from.empty()) return UsageError("--from DIR|URL is missing");
  return AddModel(profile, options.from, ModelFolders(options.embed).back(), context.console);
}

}  // namespace

void AddModelCommand(Commands& commands) {
  auto options = std::make_shared<ModelCommandOptions>();
  CLI::App* app = commands.Add("model", "bring and check the files of an encoder",
                               [options](Context& context) { return RunModel(*options, context); });
  app->add_option("action", options->action, "add or check")
      ->required()
      ->check(CLI::IsMember({"add", "check"}));
  app->add_option("name", options->name, "an encoder of `vitrine embed --list`")->required();
  app->add_option("--from", options->from, "where the files are")->type_name("DIR|URL");
  app->add_option("--model-dir", options->embed.model_dir, "where they go")->type_name("DIR");
  app->add_option("--profiles", options->embed.profile_dir, "folder of further profiles")
      ->type_name("DIR");
  app->add_option("--photo", options->reference.photo, "check with this photo ...")
      ->type_name("FILE");
  app->add_option("--vector", options->reference.vector, "... and its true vector (JSON numbers)")
      ->type_name("FILE.json");
  app->add_option("--ort-lib", options->embed.ort_lib, "the ONNX Runtime library to load")
      ->type_name("FILE")
      ->envname("ORT_LIB");
  AddDeviceOption(*app, options->device);
}

}  // namespace vitrine
