#include "../guarded_test.cc"
