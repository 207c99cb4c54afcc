// Package app is the room where the house is wired: it knows every other room,
// opens the data directory and hands out the services. Nothing else does.
package app
