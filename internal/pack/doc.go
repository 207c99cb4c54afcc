// Package pack is the room where everything in a window's scope leaves the house:
// the auditor's package and its offline verifier.
//
// A package is a zip (package zipfile) or a folder. People browse it without any
// tool: index.html, INDEX.xlsx, requests.csv, controls/<code>/, populations/,
// checks/, results/. Proofs stand apart under proofs/. manifest.json lists every
// other member with size and SHA-256 and carries a signature of the ledger's key.
//
// Verify needs neither workspace nor network. It speaks of integrity alone: it
// says nothing about whether controls operated.
package pack
