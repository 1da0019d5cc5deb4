#include "seabag/auth/gate.h"

#include <string>
#include <thread>

#include "support/catch.h"

namespace seabag::auth {
namespace {

// As cheap as crypt(5) allows: `secret`.
constexpr const char* kUsers =
    "ann:$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/"
    "O6IND4WQhG.\n";
constexpr const char* kAnn = "Basic YW5uOnNlY3JldA==";     // ann:secret
constexpr const char* kWrong = "Basic YW5uOndyb25n";       // ann:wrong
constexpr const char* kNobody = "Basic ZXZlOnNlY3JldA==";  // eve:secret

Passwords users() { return *Passwords::parse(kUsers, "users"); }

/// The verdict when it has been found out.
Verdict settle(Gate& gate, const std::string& authorization,
               const std::string& client = "1.2.3.4") {
  while (true) {
    const Verdict verdict = gate.judge(authorization, client);
    if (verdict != Verdict::pending) {
      return verdict;
    }
    std::this_thread::yield();
  }
}

TEST_CASE("a verdict comes later and stays", "[auth]") {
  Gate gate(users());
  CHECK(gate.judge(kAnn, "1.2.3.4") == Verdict::pending);
  CHECK(settle(gate, kAnn) == Verdict::right);
  CHECK(gate.judge(kAnn, "5.6.7.8") == Verdict::right);
  CHECK(gate.judge("bAsIc   YW5uOnNlY3JldA==", "5.6.7.8") == Verdict::right);
  CHECK(settle(gate, kWrong) == Verdict::wrong);
  CHECK(settle(gate, kNobody) == Verdict::wrong);
}

TEST_CASE("what is no credential is wrong at once", "[auth]") {
  Gate gate(users());
  for (const char* text :
       {"", "Basic", "Basic ", "Basic =", "Basic !", "Bearer YW5uOnNlY3JldA==", "Basic YW5u",
        "BasicYW5uOnNlY3JldA==", "Basic YW5uOnNlY3JldA", "Basic YW5uOnNlY3JldA==x",
        "Basic YW5uOnNlAGNyZXQ=", "Basic YW5uOnNlCmNyZXQ=", "Basic YW5uOnNlY3JldA== , Basic x"}) {
    CAPTURE(text);
    CHECK(gate.judge(text, "1.2.3.4") == Verdict::wrong);
  }
  CHECK(gate.judge("Basic " + std::string(10'000, 'A'), "1.2.3.4") == Verdict::wrong);
}

TEST_CASE("a client that fails too often has to wait, others do not", "[auth]") {
  Gate gate(users(), {.attempts = 2, .pause = std::chrono::hours(1)});
  CHECK(settle(gate, kWrong) == Verdict::wrong);
  CHECK(settle(gate, kWrong) == Verdict::wrong);  // it is known
  CHECK(settle(gate, kNobody) == Verdict::wrong);
  CHECK(settle(gate, kAnn) == Verdict::limited);
  CHECK(settle(gate, kAnn, "5.6.7.8") == Verdict::right);
  CHECK(settle(gate, kAnn) == Verdict::right);  // it is known now
}

TEST_CASE("what was right is no attempt", "[auth]") {
  Gate gate(users(), {.remembered = 1, .attempts = 1, .pause = std::chrono::hours(1)});
  CHECK(settle(gate, kAnn) == Verdict::right);
  CHECK(settle(gate, kWrong) == Verdict::wrong);
  CHECK(settle(gate, kAnn) == Verdict::limited);  // it is forgotten
}

TEST_CASE("clients that are counted are bounded", "[auth]") {
  Gate gate(users(), {.attempts = 1, .pause = std::chrono::hours(1), .clients = 2});
  CHECK(settle(gate, kWrong, "a") == Verdict::wrong);
  CHECK(settle(gate, kNobody, "a") == Verdict::limited);
  CHECK(settle(gate, kNobody, "b") == Verdict::wrong);
  CHECK(settle(gate, kAnn, "c") == Verdict::right);
  CHECK(gate.judge("Basic YTpi", "a") == Verdict::pending);  // forgotten: it may try again
}

TEST_CASE("passwords that are replaced count no more", "[auth]") {
  // `other`
  const Passwords others = *Passwords::parse(
      "ann:$6$abcdefgh$4D4n7.jYz5DKbZPtZODCtKlEf/kOk6iu1UK0ZoFczy7m3m.f0FdRcJ0YXuVvfhaPRBBqkYEUbDW"
      "Tp46DxR8AK1\n",
      "users");
  constexpr const char* kOther = "Basic YW5uOm90aGVy";  // ann:other
  Gate gate(users(), {.attempts = 3, .pause = std::chrono::hours(1)});
  CHECK(settle(gate, kAnn) == Verdict::right);
  CHECK(settle(gate, kOther) == Verdict::wrong);
  gate.replace(others);
  CHECK(settle(gate, kOther) == Verdict::right);
  CHECK(settle(gate, kAnn) == Verdict::wrong);
  // Also while a verdict is on its way, which then counts as no attempt.
  gate.replace(users());
  CHECK(gate.judge(kAnn, "1.2.3.4") == Verdict::pending);
  gate.replace(others);
  CHECK(settle(gate, kAnn) == Verdict::wrong);
}

TEST_CASE("only so many credentials wait", "[auth]") {
  Gate gate(users(), {.waiting = 1, .attempts = 1000});
  std::size_t busy = 0;
  for (char c = 'A'; c <= 'Z'; ++c) {
    busy += gate.judge(std::string("Basic YTp") + c, "a") == Verdict::busy ? 1U : 0U;
  }
  CHECK(busy > 0);
}

TEST_CASE("a gate ends while attempts wait", "[auth]") {
  Gate gate(users(), {.attempts = 1000});
  for (char c = 'A'; c <= 'Z'; ++c) {
    static_cast<void>(gate.judge(std::string("Basic YTp") + c, "a"));
  }
  CHECK(gate.judge("", "a") == Verdict::wrong);
}

}  // namespace
}  // namespace seabag::auth
