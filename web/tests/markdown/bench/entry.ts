// Makes the benchmark callable from outside of the page.
import "../../../src/markdown/markdown.css";
import { benchmark, hostile } from "./page";

Object.assign(window, { benchmark, hostile });
