// Package wording is the room where one control sentence is judged: does it say
// who does what to which thing, how often, and what remains to show it?
//
// The words of each language are data, in words/LANGUAGE; the code knows how they
// stand in a sentence. What is said to people about a judgement are messages
// (wording.*); the judgement itself carries none.
package wording
