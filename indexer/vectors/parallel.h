#pragma once
#include "indexer/support/parallel.h"
