local load,getenv,names=loadstring,os.getenv,{["TOKEN"]="SLUICE_FLB_SECTIONS_var_TOKEN"} os={clock=os.clock,date=os.date,difftime=os.difftime,time=os.time,getenv=function(name) local real=names[name] if real then return getenv(real) end end} io,package,require,module,dofile,loadfile,load,loadstring,debug,jit,ffi,getfenv,setfenv,newproxy=nil string.dump=nil local chunk,problem=load([=[ function mask(tag, timestamp, record)
  return 0, timestamp, record
end
]=],"=mask.lua") if chunk then local ok,failure=pcall(chunk) if not ok then problem=failure end end if problem then print("[lua] "..tostring(problem)) end if type(_G["mask"])~="function" then _G["mask"]=function() return 0 end end
