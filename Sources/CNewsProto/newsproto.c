#include "newsproto.h"
