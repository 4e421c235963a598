#include "../property_test.cc"  // one test for all kinds of consumers
