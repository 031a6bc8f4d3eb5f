// What the commands about encoders share.
#pragma once

#include "indexer/command.h"
#include "indexer/embed/onnx_runtime.h"

namespace vitrine {

void AddModelCommand(Commands& commands);

// --device auto|cpu|cuda, on app.
void AddDeviceOption(CLI::App& app, Device& device);

}  // namespace vitrine
