package account

// Cheap makes a Service hash passwords at no cost, for tests of everything but
// the cost.
func Cheap(s *Service) *Service {
	s.cheap = true
	return s
}
