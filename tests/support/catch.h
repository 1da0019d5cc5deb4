#pragma once

/// The one place that names the test framework (Catch2 2.13).
#include <catch2/catch.hpp>
