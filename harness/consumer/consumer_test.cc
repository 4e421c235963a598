// The program of a user, built against the installed package and against the source tree.
#include "gtest/gtest.h"

TEST(Consumer, BuildsOutsideTheRepository) { SUCCEED(); }
