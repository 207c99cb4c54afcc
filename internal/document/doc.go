// Package document writes text and tables as PDF and as a workbook (XLSX): one
// model, two carriers. It knows nothing of what the words mean.
package document
