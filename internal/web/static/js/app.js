// First-party enhancement. Every page works without it.
import "./upload.js";
import "./live.js";
import "./toast.js";
import "./bulk.js";
import "./dialog.js";
import "./palette.js";
import "./keys.js";
