// The pages for everybody: no account, no frame. Begins here.
import { render } from "preact";
import { startTheme } from "../frame/theme";
import { pickLang } from "../i18n/lang";
import { startRouter } from "../lib/router";
import { PublicApp } from "./app";
import { takeRatingCode } from "./rate";
import "../style/tokens.css";
import "../style/base.css";
import "./public.css";

startTheme();
pickLang();
startRouter();
takeRatingCode();
const root = document.getElementById("app");
if (root) render(<PublicApp />, root);
