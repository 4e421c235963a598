#include "../consumer_test.cc"
