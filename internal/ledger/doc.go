// Package ledger is the room where history becomes checkable: leaves, the Merkle
// tree over them, signed checkpoints, trusted timestamps and their proofs.
//
// It knows nothing of registers or of SOC 2. The tree is RFC 6962's, checkpoints
// are C2SP signed notes (tlog-checkpoint) with Ed25519, timestamps are RFC 3161.
// The stored hashes are laid out as in golang.org/x/mod/sumdb/tlog, which is also
// what makes and checks the proofs (E4).
package ledger
