#pragma once

#include "indexer/command.h"

namespace vitrine {

void AddPartnersCommand(Commands& commands);  // partners

}  // namespace vitrine
