package account

// Tester is what a running test has and the product has not; testing.TB is one.
type Tester interface {
	Helper()
	TempDir() string
	Cleanup(f func())
}

// CheapForTests makes s hash passwords from now on at no cost, and so without any
// protection, for tests of everything but the cost: each real hash takes 64 MiB and
// a tenth of a second. It asks for a test, and a test of this package refuses a
// caller that is none.
func CheapForTests(t Tester, s *Service) *Service {
	t.Helper()
	s.cheap = true
	return s
}
